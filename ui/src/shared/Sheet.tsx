import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Heading } from "react-aria-components";
import { useIntl } from "react-intl";

import { IconButton } from "./Button";
import { Overlay } from "./Overlay";
import styles from "./Sheet.module.css";

interface SheetProps {
  /** What the sheet is about. */
  title: string;
  /** True for a question that must be answered: a click beside it does not close it. */
  isQuestion?: boolean;
  /** True for what is easier to read beside each other than below each other. */
  isWide?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A sheet above the window that takes the keyboard until it is closed. */
export function Sheet({ title, isQuestion = false, isWide = false, onClose, children }: SheetProps) {
  const intl = useIntl();
  return (
    <Overlay
      shape={isWide ? "wide" : "sheet"}
      isQuestion={isQuestion}
      className={styles.sheet}
      onClose={onClose}
    >
      <header className={styles.head}>
        <Heading slot="title" level={2}>
          {title}
        </Heading>
        <IconButton label={intl.formatMessage({ id: "app.close" })} shortcut="Escape" onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      {children}
    </Overlay>
  );
}
