import { useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import styles from "./StatusDot.module.css";

export type AccountState = "works" | "trouble" | "sign-in" | "unproved" | "unfinished";

/** How an account stands, from what was proved. */
export function stateOf({ state, error, setup_done: isDone }: AccountView): AccountState {
  if (state === "sign-in-needed") {
    return "sign-in";
  }
  if (!isDone) {
    return "unfinished";
  }
  if (error !== null) {
    return "trouble";
  }
  return state === "working" ? "works" : "unproved";
}

/** How an account stands, as a sign that differs in shape as well as in colour. */
export function StatusDot({ account }: { account: AccountView }) {
  const intl = useIntl();
  const state = stateOf(account);
  const words = intl.formatMessage({ id: `settings.state.${state}` });
  return <span role="img" className={styles.dot} data-state={state} aria-label={words} title={words} />;
}
