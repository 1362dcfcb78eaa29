import { FormattedMessage, useIntl } from "react-intl";

import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useGo } from "../../shared/place";
import { Sheet } from "../../shared/Sheet";
import { Arrivals } from "../../shared/status/Arrivals";
import { Journal } from "../../shared/status/Journal";
import { asksServers, isQuietSignIn, signInAction, signOf, wantsSignIn } from "../../shared/status/sign";
import { Silence } from "../../shared/status/Silence";
import { StatusHead } from "../../shared/status/StatusHead";
import { StatusLines } from "../../shared/status/StatusLines";
import { ExpirySection } from "./ExpirySection";
import type { Check } from "./useCheck";

interface StatusSheetProps {
  address: string;
  check: Check;
  onSignIn: () => void;
  onClose: () => void;
}

/** What of an account works, when it was last heard of, what waits, what happened, and what can be done. */
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
          <StatusHead account={status.account} />
          {status.account.error !== null && !isQuietSignIn(signOf(status.account)) && (
            <ErrorNotice error={status.account.error} />
          )}
          <ExpirySection expiries={reply.data?.expiries ?? []} address={address} />
          {status.silence !== null && <Silence silence={status.silence} />}
          <StatusLines status={status} />
          <Arrivals status={status} />
        </>
      )}
      <Buttons>
        {status !== undefined && wantsSignIn(signOf(status.account)) && (
          <Button look="primary" onClick={onSignIn}>
            <FormattedMessage id={signInAction(signOf(status.account))} />
          </Button>
        )}
        {status !== undefined && signOf(status.account) === "waiting" && (
          <Button look="primary" onClick={() => go({ kind: "settings", page: "account", address })}>
            <FormattedMessage id="mail.approval.open" />
          </Button>
        )}
        {status !== undefined && asksServers(signOf(status.account)) && (
          <Button disabled={check.isRunning} onClick={() => check.run(address)}>
            <FormattedMessage id={check.isRunning ? "mail.sync.checking" : "mail.sync.check"} />
          </Button>
        )}
        <Button onClick={() => go({ kind: "settings", page: "account", address })}>
          <FormattedMessage id="mail.status.test" />
        </Button>
      </Buttons>
      <Journal address={address} />
    </Sheet>
  );
}
