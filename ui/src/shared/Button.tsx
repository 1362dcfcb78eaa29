import type { ButtonHTMLAttributes } from "react";

import styles from "./Button.module.css";
import { ariaKeys, onMac, printedKeys } from "./commands/keys";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** How much the button wants to be pressed; `plain` when absent. */
  look?: "primary" | "plain" | "quiet" | "danger";
}

/** A button with words on it. */
export function Button({ look = "plain", className, type = "button", ...rest }: ButtonProps) {
  // oxlint-disable-next-line react/button-has-type -- the type is one of the three, and `button` when absent
  return <button type={type} className={join(styles.button, styles[look], className)} {...rest} />;
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What the button does, for the tooltip and for a screen reader. */
  label: string;
  /** The keys that do the same, as commands name them, for the tooltip and for a screen reader. */
  shortcut?: string;
}

/** A button with a sign on it. */
export function IconButton({ label, shortcut, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      // oxlint-disable-next-line react/button-has-type -- the type is one of the three, and `button` when absent
      type={type}
      className={join(styles.icon, className)}
      aria-label={label}
      aria-keyshortcuts={shortcut === undefined ? undefined : ariaKeys(shortcut, onMac)}
      title={shortcut === undefined ? label : `${label} (${printedKeys(shortcut, onMac)})`}
      {...rest}
    />
  );
}

function join(...names: (string | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
