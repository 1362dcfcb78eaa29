import { useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { ProofView, TrustedCertificate } from "../../ipc/contract";
import { Button } from "../../shared/Button";
import { chainOf } from "../../shared/certificate/certificate";
import { CertificateChain } from "../../shared/certificate/CertificateChain";
import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { errorText, pageOf } from "../../shared/errors/text";
import { ExternalLink } from "../../shared/ExternalLink";
import fields from "../../shared/Field.module.css";
import hidden from "../../shared/hidden.module.css";
import { administratorMessage } from "./administrator";
import { Sign } from "./parts";
import { factLines } from "./proofFacts";
import { proofLines } from "./proofs";
import type { ProofLine } from "./proofs";
import styles from "./ProofList.module.css";
import parts from "./parts.module.css";

interface ProofListProps {
  proofs: readonly ProofView[];
  running: boolean;
  /** A message to oneself is one of them. */
  fullLoop?: boolean;
  /** The person trusts a certificate that made a proof fail; absent where nobody may. */
  onTrust?: ((certificate: TrustedCertificate) => void) | undefined;
}

/** The proofs, as far as they have ended. */
export function ProofList({ proofs, running, fullLoop = false, onTrust }: ProofListProps) {
  return (
    <ol className={styles.proofs} aria-busy={running}>
      {proofLines(proofs, running, fullLoop).map((line) => (
        <Line key={line.kind} line={line} onTrust={running ? undefined : onTrust} />
      ))}
    </ol>
  );
}

function Line({ line, onTrust }: { line: ProofLine; onTrust: ProofListProps["onTrust"] }) {
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
        <Meaning line={line} onTrust={onTrust} />
        {proof !== null &&
          state !== "skipped" &&
          factLines(intl, proof).map((facts) => (
            <p key={facts} className={styles.tried}>
              {facts}
            </p>
          ))}
      </div>
      <span className={styles.took}>
        {proof !== null &&
          state !== "skipped" &&
          intl.formatMessage({ id: "setup.proofs.took" }, { ms: proof.took_ms })}
      </span>
    </li>
  );
}

function Meaning({ line, onTrust }: { line: ProofLine; onTrust: ProofListProps["onTrust"] }) {
  const intl = useIntl();
  const { state, proof } = line;
  if (state === "failed" && proof !== null && proof.error !== null) {
    const { title, help, fixer, reply } = errorText(intl, proof.error);
    const page = pageOf(proof.error);
    return (
      <>
        <p className={parts.strong}>{title}</p>
        <p>{help}</p>
        {reply !== null && (
          <p className={parts.quiet}>
            <FormattedMessage id="error.reply" values={{ reply: <q>{reply}</q> }} />
          </p>
        )}
        <CertificateChain chain={chainOf(proof.error)} />
        <p className={parts.quiet}>{fixer}</p>
        {page !== null && <ExternalLink url={page} id="setup.note.open" />}
        {onTrust !== undefined && (
          <div className={styles.trust}>
            <TrustCertificate error={proof.error} onTrust={onTrust} />
          </div>
        )}
      </>
    );
  }
  if (state === "passed") {
    return (
      <p className={parts.quiet}>
        <FormattedMessage id={`setup.proofPassed.${passedBy(line)}`} />
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

/** What a proof that passed says: of a certificate that only the person trusts, something else. */
function passedBy({ kind, proof }: ProofLine) {
  const isExcepted = proof?.seen.some(({ fact }) => fact === "excepted") ?? false;
  return kind === "tls" && isExcepted ? "tls-excepted" : kind;
}

const SKIPPED = ["earlier", "receive-only", "not-offered", "no-inbox", "busy"] as const;

function skippedBecause(proof: ProofView | null) {
  const reason = SKIPPED.find((known) => known === proof?.skipped);
  return `setup.proofSkipped.${reason ?? "earlier"}` as const;
}

/** Offers to send a message to oneself as well, and says what that does. */
export function TryLoop({ onTry }: { onTry: () => void }) {
  return (
    <div className={styles.loop}>
      <p className={parts.quiet}>
        <FormattedMessage id="setup.proofs.loopHelp" />
      </p>
      <Button onClick={onTry}>
        <FormattedMessage id="setup.proofs.loop" />
      </Button>
    </div>
  );
}

/** Copies for whoever helps: the facts, and where an administrator can mend it, a message to send. */
export function CopyProofs({
  address,
  proofs,
  report,
}: {
  address: string;
  proofs: readonly ProofView[];
  /** The Test as text without people and secrets; `null` while there is none. */
  report: string | null;
}) {
  const intl = useIntl();
  const message = administratorMessage(intl, address, proofs);
  return (
    <>
      <Copy disabled={report === null} text={report ?? ""}>
        <FormattedMessage id="setup.proofs.copy" />
      </Copy>
      {report !== null && message !== null && (
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
