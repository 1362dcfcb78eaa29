import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, ProofView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { shortDate } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { SignInSheet } from "../mail/SignInSheet";
import { CopyProofs, ProofList } from "../setup/ProofList";
import { verdictOf } from "../setup/proofs";
import { Card, Facts, Section } from "./parts";
import styles from "./parts.module.css";

/** What of the account works, from what was proved, and the Test that proves it anew. */
export function AccountStatusSection({ account }: { account: AccountView }) {
  const intl = useIntl();
  const now = useNow();
  const { address } = account;
  const status = useCommandQuery("status_get", {});
  const [isSigningIn, setSigningIn] = useState(false);
  const test = useTest(address);
  const known = status.data?.accounts.find((other) => other.account.address === address);
  const when = (at: number | null | undefined) =>
    at === null || at === undefined
      ? intl.formatMessage({ id: "settings.status.never" })
      : shortDate(intl, at, now);
  const waiting = (known?.outbox.length ?? 0) + (known?.operations.length ?? 0);
  const failed = test.proofs.filter(({ result }) => result === "failed").length;

  return (
    <Section title={<FormattedMessage id="settings.status" />}>
      {account.error !== null && (
        <ErrorNotice error={account.error}>
          {account.state === "sign-in-needed" && <SignIn onClick={() => setSigningIn(true)} />}
        </ErrorNotice>
      )}
      <Card>
        <Facts
          facts={[
            [<FormattedMessage key="r" id="settings.status.received" />, when(account.received_at)],
            ...(account.smtp === null
              ? []
              : ([[<FormattedMessage key="s" id="settings.status.sent" />, when(known?.sent_at)]] as const)),
            [
              <FormattedMessage key="w" id="settings.status.waiting" />,
              waiting === 0 ? (
                <FormattedMessage id="settings.status.nothingWaits" />
              ) : (
                <FormattedMessage id="settings.status.waits" values={{ count: waiting }} />
              ),
            ],
            [
              <FormattedMessage key="m" id="settings.status.kept" />,
              <FormattedMessage key="k" id="settings.status.messages" values={{ count: account.messages }} />,
            ],
            [
              <FormattedMessage key="a" id="settings.status.signIn" />,
              <SignedIn key="b" account={account} />,
            ],
          ]}
        />
      </Card>
      {(test.proofs.length > 0 || test.isRunning) && (
        <ProofList proofs={test.proofs} running={test.isRunning} />
      )}
      <output className={styles.done}>
        {test.isRunning && (
          <FormattedMessage id="setup.proofs.running" values={{ done: test.proofs.length, all: 8 }} />
        )}
        {test.hasEnded && (
          <FormattedMessage id={`setup.proofs.${verdictOf(test.proofs)}`} values={{ failed }} />
        )}
      </output>
      {test.error !== null && wireOf(test.error).code !== "cancelled" && (
        <ErrorNotice error={wireOf(test.error)} />
      )}
      <Buttons>
        <Button disabled={test.isRunning} onClick={test.run}>
          <FormattedMessage id={test.hasEnded ? "settings.test.again" : "settings.test"} />
        </Button>
        {test.isRunning && (
          <Button onClick={test.cancel}>
            <FormattedMessage id="app.cancel" />
          </Button>
        )}
        {test.hasEnded && <CopyProofs address={address} proofs={test.proofs} disabled={false} />}
        {account.error === null && <SignIn onClick={() => setSigningIn(true)} />}
      </Buttons>
      {isSigningIn && <SignInSheet account={account} onClose={() => setSigningIn(false)} />}
    </Section>
  );
}

function SignIn({ onClick }: { onClick: () => void }) {
  return (
    <Button onClick={onClick}>
      <FormattedMessage id="mail.signIn.do" />
    </Button>
  );
}

function SignedIn({ account: { auth } }: { account: AccountView }) {
  switch (auth) {
    case "oauth2":
      return <FormattedMessage id="settings.auth.oauth2" />;
    case "app-password":
      return <FormattedMessage id="settings.auth.app-password" />;
    default:
      return <FormattedMessage id="settings.auth.password" />;
  }
}

interface Test {
  proofs: ProofView[];
  isRunning: boolean;
  hasEnded: boolean;
  error: Error | null;
  run: () => void;
  cancel: () => void;
}

/** The Test of an account, proof by proof. */
function useTest(address: string): Test {
  const door = useDoor();
  const test = useCommandMutation("account_test");
  const cancel = useCommandMutation("account_cancel");
  const [soFar, setSoFar] = useState<ProofView[]>([]);
  useEffect(
    () =>
      door.listen((event) => {
        if (event.event === "proof_ended" && event.address === address) {
          setSoFar((proofs) =>
            proofs.some(({ proof }) => proof === event.proof.proof) ? proofs : [...proofs, event.proof],
          );
        }
      }),
    [door, address],
  );
  return {
    proofs: test.data?.proofs ?? soFar,
    isRunning: test.isPending,
    hasEnded: test.data !== undefined,
    error: test.error,
    run: () => {
      setSoFar([]);
      test.mutate({ address });
    },
    cancel: () => cancel.mutate({ address }),
  };
}
