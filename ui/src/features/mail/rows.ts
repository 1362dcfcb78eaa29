import type { AccountView, MessageRow } from "../../ipc/contract";
import type { Role } from "./folders";

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

/** Where what somebody wrote themselves lies: who wrote it goes without saying. */
const OWN_FOLDERS: ReadonlySet<Role | null> = new Set(["drafts", "sent", "outbox", "templates"] as const);

/** Where an own address says nothing: everybody can write it there. */
const FOREIGN_FOLDERS: ReadonlySet<Role | null> = new Set(["inbox", "junk"] as const);

/** The addresses that somebody writes as, for `isOwn`. */
export function ownAddresses(
  accounts: readonly Pick<AccountView, "address" | "identities">[],
): ReadonlySet<string> {
  const all = accounts.flatMap(({ address, identities }) => [
    address,
    ...identities.map((one) => one.address),
  ]);
  return new Set(all.map((address) => address.toLowerCase()));
}

export function isOwn(row: Pick<MessageRow, "from_address">, own: ReadonlySet<string>): boolean {
  return own.has(row.from_address.trim().toLowerCase());
}

/** True when a row tells to whom it went instead of who wrote it. `role` is that of the row's folder. */
export function tellsRecipients(
  row: Pick<MessageRow, "from_address" | "thread">,
  role: Role | null,
  own: ReadonlySet<string>,
): boolean {
  if (OWN_FOLDERS.has(role)) {
    return true;
  }
  const isSingle = row.thread === null || row.thread.messages === 1;
  return isSingle && !FOREIGN_FOLDERS.has(role) && isOwn(row, own);
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

/** Messages, by the folder in which they are seen. */
export type SeenIn = Readonly<Record<string, number[]>>;

/** Where the messages that an action on the rows acts on are seen: a message may stand in other folders too. */
export function seenIn(rows: readonly Pick<MessageRow, "id" | "thread" | "folder">[]): SeenIn {
  const seen: Record<string, number[]> = {};
  for (const row of rows) {
    (seen[row.folder] ??= []).push(...idsOf(row));
  }
  return seen;
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

/** People as a row names them: by first name when they are several. */
export function shortNames(people: readonly string[]): string[] {
  return people.length <= 1 ? [...people] : people.map((name) => name.split(/[\s,@]+/)[0] || name);
}

/** As many writers of a thread as fit into a row; the others are counted. */
const WRITERS = 3;

/** The writers of a thread as its row names them: the first one and the last ones. */
export function writersOf(senders: readonly string[]): { names: string[]; isCut: boolean } {
  const short = shortNames(senders);
  return short.length <= WRITERS
    ? { names: short, isCut: false }
    : { names: [...short.slice(0, 1), ...short.slice(1 - WRITERS)], isCut: true };
}
