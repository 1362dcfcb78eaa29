import type { ReactNode } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";

import styles from "./Overlay.module.css";

interface OverlayProps {
  /** `sheet` and `wide` stand in the middle, `list` hangs from the top, `window` fills the window. */
  shape: "sheet" | "wide" | "list" | "window";
  /** Its name, when no heading inside it is one. */
  label?: string;
  /** True for a question that must be answered: a click beside it does not close it. */
  isQuestion?: boolean;
  className?: string | undefined;
  onClose: () => void;
  children: ReactNode;
}

/** Something above the window, behind a veil, that takes the keyboard until it is closed. */
export function Overlay({ shape, label, isQuestion = false, className, onClose, children }: OverlayProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable={!isQuestion}
      className={`${styles.veil} ${styles[shape]}`}
      onOpenChange={(open) => {
        if (!open) {
          onClose();
        }
      }}
    >
      <Modal className={styles.box ?? ""}>
        <Dialog
          role={isQuestion ? "alertdialog" : "dialog"}
          className={className ?? ""}
          {...(label === undefined ? {} : { "aria-label": label })}
        >
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
