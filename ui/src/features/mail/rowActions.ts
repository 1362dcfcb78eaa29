import type { IntlShape } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { deletesForGood } from "./folders";
import type { FolderLine, Placing } from "./folders";
import { FLAGGED, SEEN, has, idsOf, isUnread, keyOf, seenIn } from "./rows";
import type { Actions } from "./useActions";
import type { AccountFolders } from "./useFolders";

/** What can be done with the rows that are chosen. */
export interface RowActions {
  count: number;
  /** `null` where an account has no such folder, or the messages are in it. */
  archive: (() => void) | null;
  junk: (() => void) | null;
  /** True when `junk` brings messages back from the junk folder. */
  isJunk: boolean;
  remove: () => void;
  move: () => void;
  copy: () => void;
  star: () => void;
  isStarred: boolean;
  unread: () => void;
  isRead: boolean;
}

/** How one message is answered. */
export interface Answers {
  reply: () => void;
  replyAll: () => void;
  forward: () => void;
}

/** A question that an action asks first. */
export type Asked = AskedFolder | { what: "delete"; rows: readonly MessageRow[] };

/** The question where to. */
export interface AskedFolder {
  what: Placing;
  rows: readonly MessageRow[];
}

interface RowActionsOptions {
  intl: IntlShape;
  rows: readonly MessageRow[];
  actions: Actions;
  foldersOf: (address: string) => AccountFolders;
  /** Told that the rows leave the list, before they do. */
  onLeave: (rows: readonly MessageRow[]) => void;
  /** Told that the rows came back. */
  onUndone: (rows: readonly MessageRow[]) => void;
  onAsk: (asked: Asked) => void;
}

/** Where a row stands among its account's folders. */
export function lineOfRow(
  row: Pick<MessageRow, "account" | "folder">,
  foldersOf: (address: string) => AccountFolders,
): FolderLine | null {
  return foldersOf(row.account).lines.find(({ folder }) => folder.path === row.folder) ?? null;
}

/** True when deleting one of these rows cannot be undone. */
export function removesForGood(
  rows: readonly MessageRow[],
  foldersOf: (address: string) => AccountFolders,
): boolean {
  return rows.some((row) => deletesForGood(foldersOf(row.account).folders, row.folder));
}

/** The account of all rows; `null` when they are of several. */
export function accountOf(rows: readonly MessageRow[]): string | null {
  const [first] = rows;
  return first !== undefined && rows.every(({ account }) => account === first.account) ? first.account : null;
}

const idsOfAll = (rows: readonly MessageRow[]) => rows.flatMap((row) => idsOf(row));

/** Moves rows to a folder, given as a path or a role, and says so. */
export function moveRows(
  { intl, actions, onLeave, onUndone }: Omit<RowActionsOptions, "rows">,
  rows: readonly MessageRow[],
  folder: string,
  said: "archived" | "junked" | "notJunked" | { folder: string },
): void {
  const count = rows.length;
  const text =
    typeof said === "string"
      ? intl.formatMessage({ id: `mail.done.${said}` }, { count })
      : intl.formatMessage({ id: "mail.done.moved" }, { count, folder: said.folder });
  onLeave(rows);
  actions.move(seenIn(rows), folder, text, () => onUndone(rows));
}

/** Copies rows to a folder, given as a path, and says so. They stay where they are, and chosen. */
export function copyRows(
  { intl, actions }: Pick<RowActionsOptions, "intl" | "actions">,
  rows: readonly MessageRow[],
  folder: string,
  name: string,
): void {
  const words = { count: rows.length, folder: name };
  actions.copy(seenIn(rows), folder, {
    copied: intl.formatMessage({ id: "mail.done.copied" }, words),
    there: intl.formatMessage({ id: "mail.done.there" }, words),
  });
}

/** Deletes rows and says so. */
export function removeRows(
  { intl, actions, foldersOf, onLeave, onUndone }: Omit<RowActionsOptions, "rows">,
  rows: readonly MessageRow[],
): void {
  const id = removesForGood(rows, foldersOf) ? "mail.done.deletedForGood" : "mail.done.deleted";
  onLeave(rows);
  actions.remove(seenIn(rows), intl.formatMessage({ id }, { count: rows.length }), () => onUndone(rows));
}

/** What can be done with these rows. */
export function rowActions(options: RowActionsOptions): RowActions {
  const { intl, rows, actions, foldersOf, onAsk } = options;
  const lines = rows.map((row) => lineOfRow(row, foldersOf));
  const roles = lines.map((line) => line?.role ?? null);
  const everyHas = (role: string) =>
    rows.every((row) => foldersOf(row.account).lines.some((line) => line.role === role));
  const isJunk = rows.length > 0 && roles.every((role) => role === "junk");
  const isStarred = rows.length > 0 && rows.every((row) => has(row, FLAGGED));
  const isRead = rows.length > 0 && !rows.some(isUnread);
  const count = rows.length;
  const mark = (
    ids: readonly number[],
    flag: string,
    isAdded: boolean,
    said: "read" | "unread" | "starred" | "unstarred",
  ) =>
    actions.mark(
      ids,
      isAdded ? [flag] : [],
      isAdded ? [] : [flag],
      intl.formatMessage({ id: `mail.done.${said}` }, { count }),
    );
  // A star, or that something is unread, is said of the newest message of a thread; the opposite of all.
  const newest = rows.map(({ id }) => id);
  return {
    count,
    archive:
      rows.every((row) => foldersOf(row.account).folders.some(({ archives }) => archives)) &&
      lines.some((line) => line?.folder.archives !== true)
        ? () => moveRows(options, rows, "archive", "archived")
        : null,
    junk: isJunk
      ? () => moveRows(options, rows, "inbox", "notJunked")
      : everyHas("junk")
        ? () => moveRows(options, rows, "junk", "junked")
        : null,
    isJunk,
    remove: () => {
      if (removesForGood(rows, foldersOf)) {
        onAsk({ what: "delete", rows });
      } else {
        removeRows(options, rows);
      }
    },
    move: () => onAsk({ what: "move", rows }),
    copy: () => onAsk({ what: "copy", rows }),
    star: () =>
      isStarred ? mark(idsOfAll(rows), FLAGGED, false, "unstarred") : mark(newest, FLAGGED, true, "starred"),
    isStarred,
    unread: () => (isRead ? mark(newest, SEEN, false, "unread") : mark(idsOfAll(rows), SEEN, true, "read")),
    isRead,
  };
}

/** The keys of rows. */
export function keysOf(rows: readonly MessageRow[]): number[] {
  return rows.map((row) => keyOf(row));
}
