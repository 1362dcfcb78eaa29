import type { ReactNode } from "react";

import styles from "./Buttons.module.css";

/** Buttons beside each other, below what they belong to. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
