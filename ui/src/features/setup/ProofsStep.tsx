import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import type { ProofView } from "../../ipc/contract";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import { addressOf, proofsOf } from "./state";
import type { State } from "./state";
import { Sign, StepFoot, StepHead } from "./parts";
import { proofLines, proofReport, verdictOf } from "./proofs";
import type { ProofKind, ProofLine } from "./proofs";
import styles from "./setup.module.css";
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
      {test.state === "failed" && <ErrorNotice error={test.error} />}
      <ol className={styles.proofs} aria-busy={running}>
        {proofLines(proofs, running).map((line) => (
          <Line key={line.kind} line={line} />
        ))}
      </ol>
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
        <Button disabled={running} onClick={() => send({ type: "test_wanted" })}>
          <FormattedMessage id="setup.again" />
        </Button>
        <CopyReport address={addressOf(state)} proofs={proofs} disabled={running} />
      </StepFoot>
    </div>
  );
}

/** Proofs whose `tried` names something that people know: a server or a user name, not a command. */
const TELLING = new Set<ProofKind>(["name-lookup", "tls", "imap-sign-in", "smtp-sign-in", "right-to-send"]);

function Line({ line }: { line: ProofLine }) {
  const intl = useIntl();
  const { kind, state, proof } = line;
  return (
    <li className={styles.proof} data-state={state}>
      <Sign kind={state} />
      <span className={styles.proofName}>
        <FormattedMessage id={`setup.proof.${kind}`} />
        <span className={styles.hidden}>
          {": "}
          <FormattedMessage id={`setup.proofState.${state}`} />
        </span>
      </span>
      <div className={styles.proofWords}>
        <Meaning line={line} />
        {proof !== null && proof.tried !== "" && state !== "skipped" && TELLING.has(kind) && (
          <p className={styles.tried}>{proof.tried}</p>
        )}
      </div>
      <span className={styles.took}>
        {proof !== null &&
          state !== "skipped" &&
          intl.formatMessage({ id: "setup.proofs.took" }, { ms: proof.took_ms })}
      </span>
    </li>
  );
}

function Meaning({ line: { kind, state, proof } }: { line: ProofLine }) {
  const intl = useIntl();
  if (state === "failed" && proof !== null && proof.error !== null) {
    const { title, help, fixer, reply } = errorText(intl, proof.error);
    return (
      <>
        <p className={styles.strong}>{title}</p>
        <p>{help}</p>
        {reply !== null && (
          <p className={styles.quiet}>
            <FormattedMessage id="error.reply" values={{ reply: <q>{reply}</q> }} />
          </p>
        )}
        <p className={styles.quiet}>{fixer}</p>
      </>
    );
  }
  if (state === "passed") {
    return (
      <p className={styles.quiet}>
        <FormattedMessage id={`setup.proofPassed.${kind}`} />
      </p>
    );
  }
  if (state === "skipped") {
    return (
      <p className={styles.quiet}>
        <FormattedMessage id={skippedBecause(proof)} />
      </p>
    );
  }
  return (
    <p className={styles.quiet}>
      <FormattedMessage id={state === "running" ? "setup.proofState.running" : "setup.proofState.waiting"} />
    </p>
  );
}

function skippedBecause(proof: ProofView | null) {
  if (proof?.proof === "push" && proof.tried === "IDLE") {
    return "setup.proofSkipped.push";
  }
  if (proof !== null && proof.tried === "" && /^(smtp-sign-in|right-to-send)$/.test(proof.proof)) {
    return "setup.proofSkipped.sending";
  }
  return "setup.proofSkipped.earlier";
}

function CopyReport({
  address,
  proofs,
  disabled,
}: {
  address: string;
  proofs: ProofView[];
  disabled: boolean;
}) {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(proofReport(address, proofs));
      setCopied("yes");
    } catch {
      setCopied("refused");
    }
  };
  return (
    <>
      <Button disabled={disabled || proofs.length === 0} onClick={() => void copy()}>
        <FormattedMessage id={copied === "yes" ? "copy.done" : "setup.proofs.copy"} />
      </Button>
      {copied === "refused" && (
        <output className={styles.problem}>
          <FormattedMessage id="setup.proofs.copyRefused" />
        </output>
      )}
    </>
  );
}
