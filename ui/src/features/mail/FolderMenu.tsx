import {
  ArrowDownUp,
  FolderInput,
  FolderOpen,
  FolderPlus,
  MailOpen,
  RefreshCw,
  SlidersHorizontal,
  Trash2,
} from "lucide-react";
import type { RefObject } from "react";
import { Menu, Popover } from "react-aria-components";
import { useIntl } from "react-intl";

import menu from "./Menu.module.css";
import { MenuEntry } from "./MenuEntry";

/** What can be done with a folder besides opening it. */
export interface FolderDeeds {
  /** Looks for new mail; `null` while that cannot be done. */
  check: (() => void) | null;
  /** Marks everything in it as read; `null` where nothing is unread. */
  markRead: (() => void) | null;
  /** Asks for the name of a new folder at the top of its account, or in this one; `null` where that cannot be. */
  create: ((from: HTMLElement | null) => void) | null;
  createIn: ((from: HTMLElement | null) => void) | null;
  /** Asks for another name or place; `null` for a folder that stays as it is. */
  rename: ((from: HTMLElement | null) => void) | null;
  /** Asks whether it shall go; `null` for a folder that stays. */
  remove: ((from: HTMLElement | null) => void) | null;
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
  const asking = (deed: (from: HTMLElement | null) => void) => () => deed(trigger.current);
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
        {deeds.markRead !== null && (
          <MenuEntry icon={MailOpen} label="mail.folder.readAll" onAction={deeds.markRead} />
        )}
        {deeds.create !== null && (
          <MenuEntry icon={FolderPlus} label="mail.folder.new" onAction={asking(deeds.create)} />
        )}
        {deeds.createIn !== null && (
          <MenuEntry icon={FolderPlus} label="mail.folder.newIn" onAction={asking(deeds.createIn)} />
        )}
        {deeds.rename !== null && (
          <MenuEntry icon={FolderInput} label="mail.folder.rename" onAction={asking(deeds.rename)} />
        )}
        {deeds.remove !== null && (
          <MenuEntry icon={Trash2} label="mail.folder.delete" onAction={asking(deeds.remove)} />
        )}
        <MenuEntry icon={ArrowDownUp} label="mail.folder.files" onAction={deeds.files} />
        <MenuEntry icon={SlidersHorizontal} label="mail.folder.sync" onAction={deeds.sync} />
      </Menu>
    </Popover>
  );
}
