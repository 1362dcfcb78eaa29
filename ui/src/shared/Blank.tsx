import type { ReactNode } from "react";

import styles from "./Blank.module.css";

/** A pane with nothing in it: why that is so, and what to do. */
export function Blank({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={styles.blank}>
      {icon}
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.rest}>{children}</div>}
    </div>
  );
}

/** A pane whose content is on its way. It stays empty for a moment, so that quick answers do not flicker. */
export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.loading} role="status">
      <span className={styles.wheel} aria-hidden="true" />
      {label}
    </div>
  );
}
