import type { DoctorReport } from "../../ipc/contract";

/** What the program saw of itself as plain text for whoever helps: facts in English, no secrets. */
export function diagnosis({ version, platform, home, checks }: DoctorReport): string {
  const lines = checks.map(({ check, passed, seen, error }) => {
    const facts = [seen, error === null ? "" : `${error.code}: ${error.detail}`].filter(Boolean).join(" | ");
    return `${(passed ? "well" : "wrong").padEnd(6)}${check.padEnd(14)}${facts}`.trimEnd();
  });
  return [`Mailroom ${version} on ${platform}`, `home: ${home}`, ...lines, ""].join("\n");
}
