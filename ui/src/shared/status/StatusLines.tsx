import { FormattedMessage, useIntl } from "react-intl";

import type { AccountStatus } from "../../ipc/contract";
import { errorText } from "../errors/text";
import { useNow } from "../useNow";
import { statusLines } from "./lines";
import type { StatusLine } from "./lines";
import { Retry, isTriedAgain } from "./Retry";
import { StateSign } from "./StateSign";
import { moment } from "./moment";
import styles from "./StatusLines.module.css";

/** What an account does, how that goes, when it last worked, and when and why it last failed. */
export function StatusLines({ status }: { status: AccountStatus }) {
  return (
    <dl className={styles.lines}>
      {statusLines(status).map((line) => (
        <Line key={line.what} line={line} />
      ))}
    </dl>
  );
}

function Line({ line }: { line: StatusLine }) {
  const intl = useIntl();
  const now = useNow();
  const { queue, workedAt, failedAt, error, retryAt } = line;
  return (
    <div className={styles.line}>
      <dt>
        <StateSign sign={line.sign} size={16} isSilent />
        <FormattedMessage id={line.what} />
      </dt>
      <dd>
        <p className={styles.says}>
          <FormattedMessage id={line.says} values={{ count: line.count ?? 0 }} />
          {isTriedAgain(line.sign) && (
            <>
              {" · "}
              <Retry at={retryAt} />
            </>
          )}
        </p>
        {queue !== null && (
          <p>
            <FormattedMessage id={queue.says} values={{ count: queue.count }} />
          </p>
        )}
        {workedAt !== null && (
          <p>
            <FormattedMessage id="status.worked" values={{ when: moment(intl, workedAt, now) }} />
          </p>
        )}
        {failedAt !== null && error !== null && (
          <p>
            <FormattedMessage
              id="status.failed"
              values={{ when: moment(intl, failedAt, now), why: errorText(intl, error).title }}
            />
          </p>
        )}
      </dd>
    </div>
  );
}
