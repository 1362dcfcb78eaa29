import { ArrowDownUp, FolderOpen, RefreshCw, SlidersHorizontal } from "lucide-react";
import type { RefObject } from "react";
import { Menu, MenuItem, Popover } from "react-aria-components";
import { FormattedMessage, useIntl } from "react-intl";

import menu from "./Menu.module.css";

/** What can be done with a folder besides opening it. */
export interface FolderDeeds {
  /** Looks for new mail; `null` while that cannot be done. */
  check: (() => void) | null;
  /** Leads to its mail as files. */
  files: () => void;
  /** Leads to what of the account is kept here. */
  sync: () => void;
}

interface FolderMenuProps {
  folder: string;
  /** What the menu hangs from. */
  trigger: RefObject<HTMLElement | null>;
  deeds: FolderDeeds;
  onOpenFolder: () => void;
  onClose: () => void;
}

/** The menu of a folder, which the right button opens, and the Menu key or Shift+F10. */
export function FolderMenu({ folder, trigger, deeds, onOpenFolder, onClose }: FolderMenuProps) {
  const intl = useIntl();
  const label = intl.formatMessage({ id: "mail.folder.menu" }, { folder });
  return (
    <Popover
      isOpen
      triggerRef={trigger}
      placement="bottom start"
      aria-label={label}
      className={menu.popover ?? ""}
      onOpenChange={(isOpen) => {
        if (!isOpen) {
          onClose();
        }
      }}
    >
      <Menu
        // The menu was opened to choose from.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus="first"
        aria-label={label}
        className={menu.menu ?? ""}
        onClose={onClose}
      >
        <MenuItem className={menu.item ?? ""} onAction={onOpenFolder}>
          <FolderOpen size={16} aria-hidden />
          <FormattedMessage id="mail.folder.open" />
        </MenuItem>
        {deeds.check !== null && (
          <MenuItem className={menu.item ?? ""} onAction={deeds.check}>
            <RefreshCw size={16} aria-hidden />
            <FormattedMessage id="mail.sync.check" />
          </MenuItem>
        )}
        <MenuItem className={menu.item ?? ""} onAction={deeds.files}>
          <ArrowDownUp size={16} aria-hidden />
          <FormattedMessage id="mail.folder.files" />
        </MenuItem>
        <MenuItem className={menu.item ?? ""} onAction={deeds.sync}>
          <SlidersHorizontal size={16} aria-hidden />
          <FormattedMessage id="mail.folder.sync" />
        </MenuItem>
      </Menu>
    </Popover>
  );
}
