import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import styles from "./SignInNote.module.css";
import { signName, signOf } from "./sign";
import { StateSign } from "./StateSign";

/**
 * Says that an account was approved or that its person signed out: there is something to do and nothing went wrong.
 * `children` are things to do.
 */
export function SignInNote({ account, children }: { account: AccountView; children?: ReactNode }) {
  const sign = signOf(account);
  return (
    <div role="note" className={styles.notice} data-sign={sign}>
      <StateSign sign={sign} size={18} isSilent />
      <div className={styles.words}>
        <p className={styles.title}>
          <FormattedMessage id={signName(sign)} />
        </p>
        <p>
          <FormattedMessage id={sign === "approved" ? "approval.finish.help" : "status.signedOut.help"} />
        </p>
        {children !== undefined && <div className={styles.actions}>{children}</div>}
      </div>
    </div>
  );
}
