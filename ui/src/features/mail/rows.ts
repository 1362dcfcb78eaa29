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

/**
 * What a row is known by while its list changes: a thread by its number, since its newest message changes; a single
 * message by its own. A list holds rows of one kind only.
 */
export function keyOf(row: Pick<MessageRow, "id" | "thread_id" | "thread">): number {
  return row.thread === null ? row.id : row.thread_id;
}

/** The messages that an action on the row acts on. */
export function idsOf(row: Pick<MessageRow, "id" | "thread">): readonly number[] {
  return row.thread === null ? [row.id] : row.thread.ids;
}

/** True when the row, or a message of its thread, has not been read. */
export function isUnread(row: Pick<MessageRow, "flags" | "thread">): boolean {
  return row.thread === null ? !has(row, SEEN) : row.thread.unread > 0;
}

/** A row after its messages in `ids` were marked. `ids` of a thread are those for which something changes. */
export function marked(
  row: MessageRow,
  ids: ReadonlySet<number>,
  add: readonly string[],
  remove: readonly string[],
): MessageRow {
  const { thread } = row;
  if (thread === null) {
    return ids.has(row.id) ? withFlags(row, add, remove) : row;
  }
  const touched = thread.ids.filter((id) => ids.has(id)).length;
  if (touched === 0) {
    return row;
  }
  const isAll = touched === thread.ids.length;
  let { unread } = thread;
  if (add.includes(SEEN)) {
    unread = isAll ? 0 : Math.max(0, unread - touched);
  } else if (remove.includes(SEEN)) {
    unread = isAll ? thread.messages : Math.min(thread.messages, unread + touched);
  }
  return { ...(ids.has(row.id) ? withFlags(row, add, remove) : row), thread: { ...thread, unread } };
}

/** A row after its messages in `ids` left the folder; `null` when nothing of it is left. */
export function without(row: MessageRow, ids: ReadonlySet<number>): MessageRow | null {
  const { thread } = row;
  if (thread === null) {
    return ids.has(row.id) ? null : row;
  }
  const left = thread.ids.filter((id) => !ids.has(id));
  if (left.length === thread.ids.length) {
    return row;
  }
  return left.length === 0
    ? null
    : {
        ...row,
        thread: {
          ...thread,
          ids: left,
          messages: left.length,
          unread: Math.min(thread.unread, left.length),
        },
      };
}

/** As many writers of a thread as fit into a row; the others are counted. */
const WRITERS = 3;

/** The writers of a thread as its row names them: the first one and the last ones, by first name when they are several. */
export function writersOf(senders: readonly string[]): { names: string[]; isCut: boolean } {
  if (senders.length <= 1) {
    return { names: [...senders], isCut: false };
  }
  const short = senders.map((name) => name.split(/[\s@]+/)[0] || name);
  return short.length <= WRITERS
    ? { names: short, isCut: false }
    : { names: [...short.slice(0, 1), ...short.slice(1 - WRITERS)], isCut: true };
}
