import type { MessageRow } from "../../ipc/contract";

/** The IMAP system flags (RFC 9051 §2.3.2) that the list shows. */
export const SEEN = "\\Seen";
export const FLAGGED = "\\Flagged";
export const ANSWERED = "\\Answered";

type Flagged = Pick<MessageRow, "flags">;

/** True when the message has the flag. Flags are compared without case (RFC 9051 §2.3.2). */
export function has(row: Flagged, flag: string): boolean {
  const wanted = flag.toLowerCase();
  return row.flags.some((own) => own.toLowerCase() === wanted);
}

/** The row after a change of its flags. */
export function withFlags<R extends Flagged>(row: R, add: readonly string[], remove: readonly string[]): R {
  const gone = new Set([...add, ...remove].map((flag) => flag.toLowerCase()));
  const kept = row.flags.filter((flag) => !gone.has(flag.toLowerCase()));
  return { ...row, flags: [...kept, ...add] };
}

/** Who the message is from, as far as it says. */
export function senderOf(row: Pick<MessageRow, "from_name" | "from_address">): string | null {
  return row.from_name.trim() || row.from_address.trim() || null;
}

/** The row `step` places below (above, when negative) the one with `id`, or the first one. It stays at the ends. */
export function neighbour(rows: readonly MessageRow[], id: number | null, step: number): number | null {
  const here = rows.findIndex((row) => row.id === id);
  const there = here === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step));
  return rows[there]?.id ?? null;
}

/** The row to show when the one with `id` goes: the one below it, else the one above, else none. */
export function afterRemoval(rows: readonly MessageRow[], id: number): number | null {
  const here = rows.findIndex((row) => row.id === id);
  return here === -1 ? null : (rows[here + 1]?.id ?? rows[here - 1]?.id ?? null);
}
