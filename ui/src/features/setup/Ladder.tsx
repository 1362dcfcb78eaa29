import { useIntl } from "react-intl";

import type { DetectionView, StepView } from "../../ipc/contract";
import { domainOf } from "./address";
import type { Look } from "./state";
import { Sign } from "./parts";
import type { SignKind } from "./parts";
import styles from "./setup.module.css";
import { term } from "./terms";

/** Who is asked, in order. The core's answer says which of them were. */
const SOURCES = ["policy", "learned", "built_in", "mx"];

interface Rung {
  source: string;
  step: StepView | null;
  sign: SignKind;
}

function signOf(step: StepView): SignKind {
  if (step.outcome === "found") {
    return "passed";
  }
  return step.outcome === "failed" || step.outcome === "takes_no_mail" ? "failed" : "skipped";
}

/** The rungs of the ladder: those that have answered, the one that is being asked, those that wait. */
export function rungs(look: Look): Rung[] {
  if (look.state === "answered") {
    return look.detection.steps.map((step) => ({ source: step.source, step, sign: signOf(step) }));
  }
  if (look.state !== "asking") {
    return [];
  }
  // The partial answer comes from asking nobody: what it left out is what is being asked now.
  const answered = (look.partial?.steps ?? []).filter((step) => step.outcome !== "not_asked");
  const open = SOURCES.filter((source) => !answered.some((step) => step.source === source));
  return [
    ...answered.map((step) => ({ source: step.source, step, sign: signOf(step) })),
    ...open.map((source, at): Rung => ({ source, step: null, sign: at === 0 ? "running" : "waiting" })),
  ];
}

/** What the source named, for the reader: the provider's name instead of its id, else the host. */
function named(step: StepView, detection: DetectionView | null): string | null {
  const candidate = detection?.candidates.find(({ provider }) => provider === step.detail);
  return candidate?.name ?? (step.outcome === "failed" ? null : step.detail);
}

/** Who was asked for the servers and what each of them said. */
export function Ladder({ look, address }: { look: Look; address: string }) {
  const intl = useIntl();
  const lines = rungs(look);
  if (lines.length === 0) {
    return null;
  }
  const detection = look.state === "answered" ? look.detection : null;
  const domain = domainOf(address);
  return (
    <ol className={styles.ladder} aria-label={intl.formatMessage({ id: "setup.ladder" })}>
      {lines.map(({ source, step, sign }) => {
        const answer = step === null ? sign : step.outcome;
        const name = step === null ? null : named(step, detection);
        return (
          <li key={source} className={styles.rung} data-sign={sign}>
            <Sign kind={sign} />
            <span className={styles.source}>
              {source === "mx"
                ? intl.formatMessage({ id: "setup.source.mx" }, { domain })
                : term(intl, "source", source)}
            </span>
            <span className={styles.outcome}>
              {step?.outcome === "found" && name !== null
                ? name
                : [term(intl, "outcome", answer), name].filter(Boolean).join(": ")}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
