import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressOf, proofsOf } from "./state";
import type { State } from "./state";
import { StepFoot, StepHead } from "./parts";
import { CopyProofs, ProofList, TryLoop } from "./ProofList";
import { PROOFS, mayTryLoop, verdictOf } from "./proofs";
import styles from "./parts.module.css";
import type { Send } from "./useWizard";

/** The eight proofs as they end. */
export function ProofsStep({ state, send }: { state: State; send: Send }) {
  const { test } = state;
  const proofs = proofsOf(test);
  const running = test.state === "running";
  const verdict = verdictOf(proofs);
  const failed = proofs.filter(({ result }) => result === "failed").length;
  const fullLoop = test.state !== "idle" && test.fullLoop;
  const all = fullLoop ? PROOFS.length + 1 : PROOFS.length;
  return (
    <div className={styles.step} data-wide>
      <StepHead title={<FormattedMessage id="setup.proofs.title" />}>
        <FormattedMessage
          id={fullLoop ? "setup.proofs.leadLoop" : "setup.proofs.lead"}
          values={{ address: addressOf(state) }}
        />
      </StepHead>
      {test.state === "failed" && test.error.code !== "cancelled" && <ErrorNotice error={test.error} />}
      <ProofList
        proofs={proofs}
        running={running}
        fullLoop={fullLoop}
        // A token goes to trusted servers only.
        onTrust={
          state.account?.auth === "oauth2"
            ? undefined
            : (certificate) => send({ type: "certificate_trusted", certificate })
        }
      />
      <output className={styles.verdict}>
        {running ? (
          <FormattedMessage id="setup.proofs.running" values={{ done: proofs.length, all }} />
        ) : (
          test.state === "ended" && <FormattedMessage id={`setup.proofs.${verdict}`} values={{ failed }} />
        )}
      </output>
      {test.state === "ended" && !fullLoop && mayTryLoop(proofs) && (
        <TryLoop onTry={() => send({ type: "test_wanted", fullLoop: true })} />
      )}
      <StepFoot step={3}>
        <Button look="primary" disabled={running} onClick={() => send({ type: "proofs_accepted" })}>
          <FormattedMessage id={failed === 0 || running ? "setup.continue" : "setup.proofs.continueAnyway"} />
        </Button>
        {running ? (
          <Button onClick={() => send({ type: "test_cancelled" })}>
            <FormattedMessage id="setup.cancel" />
          </Button>
        ) : (
          <Button onClick={() => send({ type: "test_wanted", fullLoop: false })}>
            <FormattedMessage id="setup.again" />
          </Button>
        )}
        <CopyProofs
          address={addressOf(state)}
          proofs={proofs}
          report={test.state === "ended" ? test.report : null}
        />
      </StepFoot>
    </div>
  );
}
