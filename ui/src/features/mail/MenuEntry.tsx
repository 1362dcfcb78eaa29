import type { LucideIcon } from "lucide-react";
import { MenuItem } from "react-aria-components";
import { useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import menu from "./Menu.module.css";

interface MenuEntryProps {
  icon: LucideIcon;
  /** The key of what the entry is called. */
  label: MessageKey;
  onAction: () => void;
}

/** One line of a menu: what it does, in a picture and in words. */
export function MenuEntry({ icon: Icon, label, onAction }: MenuEntryProps) {
  const text = useIntl().formatMessage({ id: label });
  return (
    // The text value is what typing the first letters finds an entry by.
    <MenuItem className={menu.item ?? ""} textValue={text} onAction={onAction}>
      <Icon size={16} aria-hidden />
      {text}
    </MenuItem>
  );
}
