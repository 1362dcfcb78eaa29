import { FormattedMessage, useIntl } from "react-intl";
import type { IntlShape } from "react-intl";

import { errorCodes } from "../../ipc/contract";
import type { DetectionView, StepView } from "../../ipc/contract";
import { errorText } from "../../shared/errors/text";
import { domainOf } from "./address";
import { rungs } from "./ladder";
import type { Look } from "./state";
import { Sign } from "./parts";
import parts from "./parts.module.css";
import styles from "./DetectionLadder.module.css";
import { sourceName, term } from "./terms";

/** What the source named, for the reader: the provider's name instead of its id, else the host. */
function named(step: StepView, detection: DetectionView | null): string | null {
  const candidate =
    step.detail === null ? undefined : detection?.candidates.find(({ provider }) => provider === step.detail);
  return candidate?.name ?? (step.outcome === "failed" ? null : step.detail);
}

/** Why a source gave no answer; `null` where the core tells no reason that this version knows. */
function reason(intl: IntlShape, { outcome, detail }: StepView): string | null {
  const code = outcome === "failed" ? errorCodes.find((known) => known === detail) : undefined;
  return code === undefined
    ? null
    : errorText(intl, { code, fixer: "provider", params: {}, detail: "" }).title;
}

/** Who was asked for the servers and what each of them said. */
export function DetectionLadder({ look, address }: { look: Look; address: string }) {
  const intl = useIntl();
  const lines = rungs(look);
  if (lines.length === 0) {
    return null;
  }
  const detection = look.state === "answered" ? look.detection : null;
  const domain = domainOf(address);
  const questions = detection?.requests ?? 0;
  return (
    <>
      <ol className={styles.ladder} aria-label={intl.formatMessage({ id: "setup.ladder" })}>
        {lines.map(({ source, step, sign }) => {
          const answer = step === null ? sign : step.outcome;
          const name = step === null ? null : named(step, detection);
          const why = step === null ? null : reason(intl, step);
          return (
            <li key={source} className={styles.rung} data-sign={sign}>
              <Sign kind={sign} />
              <span className={styles.source}>{sourceName(intl, source, domain)}</span>
              <span className={styles.outcome}>
                {(step?.outcome === "found" || step?.outcome === "found_servers") && name !== null
                  ? name
                  : [why ?? term(intl, "outcome", answer), name].filter(Boolean).join(": ")}
              </span>
            </li>
          );
        })}
      </ol>
      {questions > 0 && (
        <p className={parts.quiet}>
          <FormattedMessage id="setup.ladder.questions" values={{ questions }} />
        </p>
      )}
    </>
  );
}
