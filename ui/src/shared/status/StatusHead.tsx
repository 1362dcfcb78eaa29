import { FormattedMessage } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { Retry, isTriedAgain } from "./Retry";
import { TONES, signName, signOf } from "./sign";
import { StateSign } from "./StateSign";
import styles from "./StatusHead.module.css";

/** How an account is, all in all. */
export function StatusHead({ account }: { account: AccountView }) {
  const sign = signOf(account);
  return (
    <p className={styles.head} data-tone={TONES[sign]}>
      <StateSign sign={sign} size={20} isSilent />
      <strong>
        <FormattedMessage id={signName(sign)} />
      </strong>
      {isTriedAgain(sign) && (
        <span>
          <Retry at={account.retry_at} />
        </span>
      )}
    </p>
  );
}
