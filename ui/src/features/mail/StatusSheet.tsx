import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountStatus } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useGo } from "../../shared/place";
import { longDate } from "../../shared/quantity";
import { Sheet } from "../../shared/Sheet";
import { signOf } from "./sign";
import styles from "./StatusSheet.module.css";
import { statusLines } from "./status";
import type { StatusLine } from "./status";
import type { Check } from "./useCheck";

interface StatusSheetProps {
  address: string;
  check: Check;
  onSignIn: () => void;
  onClose: () => void;
}

/** What of an account works, when it was last heard of, what waits, and what can be done. */
export function StatusSheet({ address, check, onSignIn, onClose }: StatusSheetProps) {
  const intl = useIntl();
  const go = useGo();
  const reply = useCommandQuery("status_get", {});
  const status = reply.data?.accounts.find(({ account }) => account.address === address);
  return (
    <Sheet title={intl.formatMessage({ id: "mail.status.title" }, { address })} onClose={onClose}>
      {reply.error !== null && <ErrorNotice error={wireOf(reply.error)} />}
      {reply.isPending && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
      {status !== undefined && (
        <>
          <dl className={styles.lines}>
            {statusLines(status).map((line) => (
              <Line key={line.what} line={line} />
            ))}
          </dl>
          {status.account.error !== null && <ErrorNotice error={status.account.error} />}
        </>
      )}
      <Buttons>
        {status !== undefined && needsSignIn(status) && (
          <Button look="primary" onClick={onSignIn}>
            <FormattedMessage id="mail.signIn.do" />
          </Button>
        )}
        <Button disabled={check.isRunning} onClick={() => check.run(address)}>
          <FormattedMessage id={check.isRunning ? "mail.sync.checking" : "mail.sync.check"} />
        </Button>
        <Button onClick={() => go({ kind: "settings", page: "account", address })}>
          <FormattedMessage id="mail.status.test" />
        </Button>
      </Buttons>
    </Sheet>
  );
}

const needsSignIn = ({ account }: AccountStatus) => signOf(account) === "sign-in";

const SIGNS = { good: CircleCheck, bad: CircleAlert, open: CircleDashed };

function Line({ line }: { line: StatusLine }) {
  const intl = useIntl();
  const Sign = SIGNS[line.sign];
  const words: ReactNode = intl.formatMessage(
    { id: line.says },
    {
      count: line.count ?? 0,
      when: line.at === undefined || line.at === null ? "" : longDate(intl, line.at),
    },
  );
  return (
    <div className={styles.line}>
      <dt>
        <Sign size={16} aria-hidden className={styles[line.sign]} />
        <FormattedMessage id={line.what} />
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
