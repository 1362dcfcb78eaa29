import type { ProofView } from "../../ipc/contract";

/** The eight proofs in the order in which they are listed. */
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

export type ProofKind = (typeof PROOFS)[number] | "full-loop";

/** What runs side by side: the server for reading, and the one for sending. The first two proofs are about both. */
const CHAINS: readonly (readonly ProofKind[])[] = [
  ["name-lookup", "tls", "imap-sign-in", "folder-list", "read-header", "push"],
  ["name-lookup", "tls", "smtp-sign-in", "right-to-send"],
];

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

/** The proofs that are at work: in each chain those without an end up to the one after the last that ended. */
function running(ended: ReadonlySet<string>): Set<ProofKind> {
  const atWork = CHAINS.flatMap((chain) => {
    const last = chain.findLastIndex((kind) => ended.has(kind));
    return chain.slice(0, last + 2).filter((kind) => !ended.has(kind));
  });
  const isAlone = PROOFS.every((kind) => ended.has(kind));
  return new Set(isAlone ? ["full-loop"] : atWork);
}

/** Every line; that of the message to oneself where it is wanted, or was. */
export function proofLines(ended: readonly ProofView[], isRunning: boolean, fullLoop = false): ProofLine[] {
  const names = new Set(ended.map(({ proof }) => proof));
  const atWork = isRunning ? running(names) : new Set<ProofKind>();
  const kinds: ProofKind[] = fullLoop || names.has("full-loop") ? [...PROOFS, "full-loop"] : [...PROOFS];
  return kinds.map((kind) => {
    const proof = ended.find((known) => known.proof === kind) ?? null;
    const open = atWork.has(kind) ? "running" : "waiting";
    return { kind, proof, state: proof === null ? open : stateOf(proof) };
  });
}

/** What a Test proves as a whole. */
export type Verdict = "all" | "receiving" | "broken";

/** `receiving`: mail can be read, and something about sending or push does not work. */
export function verdictOf(ended: readonly ProofView[]): Verdict {
  const has = (kind: ProofKind, result: string) =>
    ended.some((known) => known.proof === kind && known.result === result);
  if (ended.every(({ result }) => result !== "failed")) {
    return "all";
  }
  return has("read-header", "passed") ? "receiving" : "broken";
}

/** True when a message to oneself can be tried: reading and sending work, and it was not tried yet. */
export function mayTryLoop(ended: readonly ProofView[]): boolean {
  const passed = (kind: ProofKind) =>
    ended.some((known) => known.proof === kind && known.result === "passed");
  return passed("read-header") && passed("right-to-send");
}
