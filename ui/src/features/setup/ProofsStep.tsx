import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressOf, proofsOf } from "./state";
import type { State } from "./state";
import { StepFoot, StepHead } from "./parts";
import { CopyProofs, ProofList } from "./ProofList";
import { verdictOf } from "./proofs";
import styles from "./parts.module.css";
import type { Send } from "./useWizard";

/** The eight proofs as they end. */
export function ProofsStep({ state, send }: { state: State; send: Send }) {
  const { test } = state;
  const proofs = proofsOf(test);
  const running = test.state === "running";
  const verdict = verdictOf(proofs);
  const failed = proofs.filter(({ result }) => result === "failed").length;
  return (
    <div className={styles.step} data-wide>
      <StepHead title={<FormattedMessage id="setup.proofs.title" />}>
        <FormattedMessage id="setup.proofs.lead" values={{ address: addressOf(state) }} />
      </StepHead>
      {test.state === "failed" && test.error.code !== "cancelled" && <ErrorNotice error={test.error} />}
      <ProofList proofs={proofs} running={running} />
      <output className={styles.verdict}>
        {running ? (
          <FormattedMessage id="setup.proofs.running" values={{ done: proofs.length, all: 8 }} />
        ) : (
          test.state === "ended" && <FormattedMessage id={`setup.proofs.${verdict}`} values={{ failed }} />
        )}
      </output>
      <StepFoot step={3}>
        <Button look="primary" disabled={running} onClick={() => send({ type: "proofs_accepted" })}>
          <FormattedMessage id={failed === 0 || running ? "setup.continue" : "setup.proofs.continueAnyway"} />
        </Button>
        {running ? (
          <Button onClick={() => send({ type: "test_cancelled" })}>
            <FormattedMessage id="setup.cancel" />
          </Button>
        ) : (
          <Button onClick={() => send({ type: "test_wanted" })}>
            <FormattedMessage id="setup.again" />
          </Button>
        )}
        <CopyProofs address={addressOf(state)} proofs={proofs} disabled={running} />
      </StepFoot>
    </div>
  );
}
