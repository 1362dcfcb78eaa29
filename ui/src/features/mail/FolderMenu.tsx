import { ArrowDownUp, FolderOpen, RefreshCw, SlidersHorizontal } from "lucide-react";
import type { RefObject } from "react";
import { Menu, Popover } from "react-aria-components";
import { useIntl } from "react-intl";

import menu from "./Menu.module.css";
import { MenuEntry } from "./MenuEntry";

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
        <MenuEntry icon={FolderOpen} label="mail.folder.open" onAction={onOpenFolder} />
        {deeds.check !== null && (
          <MenuEntry icon={RefreshCw} label="mail.sync.check" onAction={deeds.check} />
        )}
        <MenuEntry icon={ArrowDownUp} label="mail.folder.files" onAction={deeds.files} />
        <MenuEntry icon={SlidersHorizontal} label="mail.folder.sync" onAction={deeds.sync} />
      </Menu>
    </Popover>
  );
}
