import type { StepView, WireError } from "../../ipc/contract";
import type { SignKind } from "./parts";
import type { Look } from "./state";

/** One source of the ladder: what it answered, or how far its turn is. */
export interface Rung {
  source: string;
  step: StepView | null;
  sign: SignKind;
}

/** Who knows on this machine, in order, until the core's answer says who was asked. */
const HERE = ["policy", "learned", "built_in"];

/** What this machine itself said. */
export const saidHere = (steps: readonly StepView[]) => steps.filter(({ source }) => HERE.includes(source));
/** Who is asked on the network, all at once. */
const NETWORK = ["autoconfig", "well_known", "pacc", "ispdb", "mx", "srv"];

const textOf = (value: unknown) => (typeof value === "string" ? value : null);

/** Who was asked before a detection failed: the JSON that the core puts into `steps`. */
export function stepsOf(error: WireError): StepView[] {
  try {
    const steps: unknown = JSON.parse(String(error.params["steps"] ?? "[]"));
    return (Array.isArray(steps) ? steps : []).flatMap((step: Record<string, unknown>) => {
      const [source, outcome] = [textOf(step["source"]), textOf(step["outcome"])];
      const detail = textOf(step["provider"]) ?? textOf(step["host"]) ?? textOf(step["code"]);
      return source === null || outcome === null ? [] : [{ source, outcome, detail }];
    });
  } catch {
    return [];
  }
}

function signOf(step: StepView): SignKind {
  if (step.outcome === "found" || step.outcome === "found_servers") {
    return "passed";
  }
  return step.outcome === "failed" || step.outcome === "takes_no_mail" ? "failed" : "skipped";
}

const told = (step: StepView): Rung => ({ source: step.source, step, sign: signOf(step) });

/** Who is asked on the network, as far as each has answered: at first everybody is being asked. */
function network(partial: readonly StepView[]): Rung[] {
  const others = partial.map(({ source }) => source).filter((source) => !HERE.includes(source));
  return [...new Set([...NETWORK, ...others])].map((source) => {
    const step = partial.find((known) => known.source === source);
    return step === undefined || step.outcome === "asking"
      ? { source, step: null, sign: "running" }
      : told(step);
  });
}

/** The rungs of the ladder: those that have answered, the one that is being asked, those that wait. */
export function rungs(look: Look): Rung[] {
  switch (look.state) {
    case "idle":
      return [];
    case "answered":
      return look.detection.steps.map(told);
    case "failed":
      return stepsOf(look.error).map(told);
    case "asking":
      // The partial answer comes from asking nobody: what it left out is what is being asked now.
      return look.partial.length > 0
        ? [...saidHere(look.partial).map(told), ...network(look.partial)]
        : HERE.map((source, at) => ({ source, step: null, sign: at === 0 ? "running" : "waiting" }));
  }
}
