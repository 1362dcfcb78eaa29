import { useEffect, useState } from "react";
import { FormattedMessage } from "react-intl";

import type { AccountView, ProofView, TrustedCertificate } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { sortedOperations } from "../../shared/operations";
import { Arrivals } from "../../shared/status/Arrivals";
import { Journal } from "../../shared/status/Journal";
import { SignInNote } from "../../shared/status/SignInNote";
import { asksServers, signInAction, signOf } from "../../shared/status/sign";
import type { Sign } from "../../shared/status/sign";
import { Silence } from "../../shared/status/Silence";
import { StatusLines } from "../../shared/status/StatusLines";
import { SignInSheet } from "../mail/SignInSheet";
import { CopyProofs, ProofList, TryLoop } from "../setup/ProofList";
import { PROOFS, mayTryLoop, verdictOf } from "../setup/proofs";
import { Card, Facts, Section } from "./parts";
import styles from "./parts.module.css";

/** What of the account works, from what was proved, and the Test that proves it anew. */
export function AccountStatusSection({ account }: { account: AccountView }) {
  const { address } = account;
  const sign = signOf(account);
  const status = useCommandQuery("status_get", {});
  const [isSigningIn, setSigningIn] = useState(false);
  const test = useTest(address);
  const known = status.data?.accounts.find((other) => other.account.address === address);
  const waiting = (known?.outbox.length ?? 0) + sortedOperations(known?.operations ?? []).waiting.length;
  // A token goes to trusted servers only.
  const mayTrust = account.auth !== "oauth2";
  // A test that runs can be given up, whatever became of the account meanwhile.
  const mayTest = asksServers(sign) || test.isRunning;
  const failed = test.proofs.filter(({ result }) => result === "failed").length;

  return (
    <Section title={<FormattedMessage id="settings.status" />}>
      {sign === "signed-out" && (
        <SignInNote account={account}>
          <SignIn sign={sign} onClick={() => setSigningIn(true)} />
        </SignInNote>
      )}
      {account.error !== null && account.approval === null && sign !== "signed-out" && (
        <ErrorNotice error={account.error}>
          {account.state === "sign-in-needed" && <SignIn sign={sign} onClick={() => setSigningIn(true)} />}
          {mayTrust && <TrustCertificate error={account.error} onTrust={test.trust} />}
        </ErrorNotice>
      )}
      {known !== undefined && known.silence !== null && <Silence silence={known.silence} />}
      {known !== undefined && (
        <Card>
          <div className={styles.figures}>
            <StatusLines status={known} />
            <Arrivals status={known} />
          </div>
        </Card>
      )}
      <Card>
        <Facts
          facts={[
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
        <ProofList
          proofs={test.proofs}
          running={test.isRunning}
          fullLoop={test.fullLoop}
          onTrust={mayTrust ? test.trust : undefined}
        />
      )}
      <output className={styles.done}>
        {test.isRunning && (
          <FormattedMessage
            id="setup.proofs.running"
            values={{
              done: test.proofs.length,
              all: test.fullLoop ? PROOFS.length + 1 : PROOFS.length,
            }}
          />
        )}
        {test.hasEnded && (
          <FormattedMessage id={`setup.proofs.${verdictOf(test.proofs)}`} values={{ failed }} />
        )}
      </output>
      {test.error !== null && wireOf(test.error).code !== "cancelled" && (
        <ErrorNotice error={wireOf(test.error)} />
      )}
      {mayTest && test.hasEnded && !test.fullLoop && mayTryLoop(test.proofs) && (
        <TryLoop onTry={() => test.run(true)} />
      )}
      {!mayTest && (
        <p className={styles.done}>
          <FormattedMessage
            id={sign === "waiting" ? "settings.test.afterApproval" : "settings.test.afterSignIn"}
          />
        </p>
      )}
      <Buttons>
        {mayTest && (
          <Button disabled={test.isRunning} onClick={() => test.run(false)}>
            <FormattedMessage id={test.hasEnded ? "settings.test.again" : "settings.test"} />
          </Button>
        )}
        {test.isRunning && (
          <Button onClick={test.cancel}>
            <FormattedMessage id="app.cancel" />
          </Button>
        )}
        {test.hasEnded && <CopyProofs address={address} proofs={test.proofs} report={test.report} />}
        {/* With an approval, the section about it has the button; with an error, the notice has. */}
        {account.approval === null && account.error === null && sign !== "signed-out" && (
          <SignIn sign={sign} onClick={() => setSigningIn(true)} />
        )}
      </Buttons>
      <Journal address={address} />
      {isSigningIn && <SignInSheet account={account} onClose={() => setSigningIn(false)} />}
    </Section>
  );
}

function SignIn({ sign, onClick }: { sign: Sign; onClick: () => void }) {
  return (
    <Button onClick={onClick}>
      <FormattedMessage id={signInAction(sign)} />
    </Button>
  );
}

function SignedIn({ account: { auth, signed_in_as: name } }: { account: AccountView }) {
  if (name !== null) {
    return <FormattedMessage id="settings.status.signedInAs" values={{ name }} />;
  }
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
  /** A message to the account itself is one of them. */
  fullLoop: boolean;
  report: string | null;
  error: Error | null;
  run: (fullLoop: boolean) => void;
  cancel: () => void;
  /** Trusts a certificate, and proves everything anew. */
  trust: (certificate: TrustedCertificate) => void;
}

/** The Test of an account, proof by proof. */
function useTest(address: string): Test {
  const door = useDoor();
  const test = useCommandMutation("account_test");
  const cancel = useCommandMutation("account_cancel");
  const trust = useCommandMutation("certificate_trust");
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
  const run = (fullLoop: boolean) => {
    setSoFar([]);
    test.mutate({ address, full_loop: fullLoop });
  };
  return {
    proofs: test.data?.proofs ?? soFar,
    fullLoop: test.variables?.full_loop ?? false,
    report: test.data?.report ?? null,
    isRunning: test.isPending,
    hasEnded: test.data !== undefined,
    error: trust.error ?? test.error,
    run,
    trust: (certificate) =>
      trust.mutate({ address, ...certificate }, { onSuccess: () => run(test.variables?.full_loop ?? false) }),
    cancel: () => cancel.mutate({ address }),
  };
}
