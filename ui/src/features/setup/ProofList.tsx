import { useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { ProofView } from "../../ipc/contract";
import { Button } from "../../shared/Button";
import { errorText } from "../../shared/errors/text";
import fields from "../../shared/Field.module.css";
import hidden from "../../shared/hidden.module.css";
import { administratorMessage } from "./administrator";
import { Sign } from "./parts";
import { proofLines, proofReport } from "./proofs";
import type { ProofKind, ProofLine } from "./proofs";
import styles from "./ProofList.module.css";
import parts from "./parts.module.css";

/** The eight proofs, as far as they have ended. */
export function ProofList({ proofs, running }: { proofs: readonly ProofView[]; running: boolean }) {
  return (
    <ol className={styles.proofs} aria-busy={running}>
      {proofLines(proofs, running).map((line) => (
        <Line key={line.kind} line={line} />
      ))}
    </ol>
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
        <span className={hidden.text}>
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
        <p className={parts.strong}>{title}</p>
        <p>{help}</p>
        {reply !== null && (
          <p className={parts.quiet}>
            <FormattedMessage id="error.reply" values={{ reply: <q>{reply}</q> }} />
          </p>
        )}
        <p className={parts.quiet}>{fixer}</p>
      </>
    );
  }
  if (state === "passed") {
    return (
      <p className={parts.quiet}>
        <FormattedMessage id={`setup.proofPassed.${kind}`} />
      </p>
    );
  }
  if (state === "skipped") {
    return (
      <p className={parts.quiet}>
        <FormattedMessage id={skippedBecause(proof)} />
      </p>
    );
  }
  return (
    <p className={parts.quiet}>
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

/** Copies for whoever helps: the facts, and where an administrator can mend it, a message to send. */
export function CopyProofs({
  address,
  proofs,
  disabled,
}: {
  address: string;
  proofs: readonly ProofView[];
  disabled: boolean;
}) {
  const intl = useIntl();
  const message = administratorMessage(intl, address, proofs);
  return (
    <>
      <Copy disabled={disabled || proofs.length === 0} text={proofReport(address, proofs)}>
        <FormattedMessage id="setup.proofs.copy" />
      </Copy>
      {!disabled && message !== null && (
        <Copy disabled={false} text={message}>
          <FormattedMessage id="setup.proofs.copyMessage" />
        </Copy>
      )}
    </>
  );
}

function Copy({ text, disabled, children }: { text: string; disabled: boolean; children: ReactNode }) {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      setCopied("refused");
    }
  };
  return (
    <>
      <Button disabled={disabled} onClick={() => void copy()}>
        {copied === "yes" ? <FormattedMessage id="copy.done" /> : children}
      </Button>
      {copied === "refused" && (
        <output className={fields.problem}>
          <FormattedMessage id="setup.proofs.copyRefused" />
        </output>
      )}
    </>
  );
}
