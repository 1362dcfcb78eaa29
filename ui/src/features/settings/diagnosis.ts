import type { DoctorReport, JournalEntryView } from "../../ipc/contract";

/** What the program saw of itself as plain text for whoever helps: facts in English, no secrets. */
export function diagnosis({ version, platform, home, checks, journals }: DoctorReport): string {
  const lines = checks.map(({ check, passed, seen, error }) => {
    const facts = [seen, error === null ? "" : `${error.code}: ${error.detail}`].filter(Boolean).join(" | ");
    return `${(passed ? "well" : "wrong").padEnd(6)}${check.padEnd(14)}${facts}`.trimEnd();
  });
  const happened = journals.flatMap(({ address, entries }) => [
    "",
    `journal of ${address}`,
    ...entries.toReversed().map(journalFacts),
  ]);
  return [`Mailroom ${version} on ${platform}`, `home: ${home}`, ...lines, ...happened, ""].join("\n");
}

/** An entry of a journal in facts. */
function journalFacts(entry: JournalEntryView): string {
  const { kind, operation, server, host, port, count, error, times, ended_at: at } = entry;
  const facts = [kind, operation, server, host, port, count, error?.code, times > 1 ? `x${times}` : null];
  return `${new Date(at).toISOString()} ${facts.filter((fact) => fact !== null && fact !== undefined).join(" ")}`;
}
