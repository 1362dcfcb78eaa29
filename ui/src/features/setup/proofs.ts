import type { ProofView } from "../../ipc/contract";

/** The eight proofs in the order in which they run. */
export const PROOFS = [
  "name-lookup",
  "tls",
  "imap-sign-in",
  "folder-list",
  "read-header",
  "smtp-sign-in",
  "right-to-send",
  "push",
] as const;

export type ProofKind = (typeof PROOFS)[number];

/** How a line stands. */
export type LineState = "passed" | "failed" | "skipped" | "running" | "waiting";

/** One line of the Test. */
export interface ProofLine {
  kind: ProofKind;
  state: LineState;
  proof: ProofView | null;
}

function stateOf(proof: ProofView): LineState {
  return proof.result === "passed" || proof.result === "failed" ? proof.result : "skipped";
}

/** Every line. While the Test runs, the first one without an end is the one that is at work. */
export function proofLines(ended: readonly ProofView[], running: boolean): ProofLine[] {
  const found = PROOFS.map((kind) => ended.find(({ proof }) => proof === kind) ?? null);
  const current = running ? found.indexOf(null) : -1;
  return PROOFS.map((kind, at) => {
    const proof = found[at] ?? null;
    const open = at === current ? "running" : "waiting";
    return { kind, proof, state: proof === null ? open : stateOf(proof) };
  });
}

/** What a Test proves as a whole. */
export type Verdict = "all" | "receiving" | "broken";

/** `receiving`: mail can be read, and something about sending or push does not work. */
export function verdictOf(ended: readonly ProofView[]): Verdict {
  const failed = new Set(ended.filter(({ result }) => result === "failed").map(({ proof }) => proof));
  if (failed.size === 0) {
    return "all";
  }
  const reading: ProofKind[] = ["name-lookup", "tls", "imap-sign-in", "folder-list", "read-header"];
  return reading.some((kind) => failed.has(kind)) ? "broken" : "receiving";
}

/** The Test as plain text for whoever helps: facts in English, no secrets. */
export function proofReport(address: string, ended: readonly ProofView[]): string {
  const lines = ended.map(({ proof, result, tried, seen, took_ms: took, error }) => {
    const facts = [tried, seen, error === null ? "" : `${error.code}: ${error.detail}`].filter(Boolean);
    return `${result.padEnd(8)}${proof.padEnd(15)}${took} ms  ${facts.join(" | ")}`.trimEnd();
  });
  return [`Mailroom proofs of ${address}`, ...lines, ""].join("\n");
}
