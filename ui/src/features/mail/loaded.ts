import type { MessagePage, MessageRow } from "../../ipc/contract";
import type { RowPatch } from "./patch";
import { keyOf } from "./rows";

/** A place in a list from which it can be asked for again. */
export interface Mark {
  /** The row that stands above it; `null` at the top. */
  after: number | null;
  cursor: string | null;
  /** The turn in which what follows was last asked for. */
  turn: number;
}

/** A list as far as it is loaded, newest first. */
export interface Loaded {
  rows: readonly MessageRow[];
  /** Where its pages begin, from the top. */
  marks: readonly Mark[];
  /** For what is below; `null` at the end. */
  cursor: string | null;
  /** Counts how often the list was asked for again. */
  turn: number;
}

/** Rows against which those of a page below are compared; more cannot overlap. */
const OVERLAP = 1_000;

export function firstPage(page: MessagePage, turn = 0): Loaded {
  return { rows: page.messages, marks: [{ after: null, cursor: null, turn }], cursor: page.cursor, turn };
}

/** The list with the page below it, which was asked for with `cursor`. An answer that comes twice changes nothing. */
export function appended(loaded: Loaded, cursor: string, page: MessagePage): Loaded {
  if (loaded.cursor !== cursor) {
    return loaded;
  }
  const last = loaded.rows.at(-1);
  const near = new Set(loaded.rows.slice(-OVERLAP).map(keyOf));
  const more = page.messages.filter((row) => !near.has(keyOf(row)));
  const mark: Mark = { after: last === undefined ? null : keyOf(last), cursor, turn: loaded.turn };
  return {
    ...loaded,
    rows: [...loaded.rows, ...more],
    marks: [...loaded.marks, mark],
    cursor: page.cursor,
  };
}

/** The list with a page of it as it is now. Rows that the page would show and does not are gone. */
export function refreshed(loaded: Loaded, mark: Mark, page: MessagePage, turn: number): Loaded {
  const { rows } = loaded;
  const start = mark.after === null ? 0 : rows.findIndex((row) => keyOf(row) === mark.after) + 1;
  if (start === 0 && mark.after !== null) {
    return { ...loaded, turn };
  }
  const fresh = new Set(page.messages.map(keyOf));
  const end = page.cursor === null ? rows.length : endOf(rows, page.messages);
  if (end === 0 && start === 0) {
    // Nothing of it is known: between the page and the rest there may be more that is not.
    return firstPage(page, turn);
  }
  const above = rows.slice(0, start).filter((row) => !fresh.has(keyOf(row)));
  const below = rows.slice(Math.max(start, end)).filter((row) => !fresh.has(keyOf(row)));
  const marks = loaded.marks.map((other) => (other === mark ? { ...other, turn } : other));
  return {
    rows: [...above, ...page.messages, ...below],
    marks,
    cursor: page.cursor === null ? null : loaded.cursor,
    turn,
  };
}

/**
 * Where the rows end that a page stands for: below the last of its rows that was there before. A thread that came up
 * from further down has another newest message and so another id: it says nothing about where the page ends.
 */
function endOf(rows: readonly MessageRow[], page: readonly MessageRow[]): number {
  const known = new Map(rows.map(({ id }, index) => [id, index]));
  const last = page.findLast(({ id }) => known.has(id));
  return last === undefined ? 0 : (known.get(last.id) ?? 0) + 1;
}

/** The place from which the row at `index` is asked for again: the last one above it that still stands. */
export function markAbove(loaded: Loaded, index: number): Mark {
  const top: Mark = loaded.marks[0] ?? { after: null, cursor: null, turn: 0 };
  const byKey = new Map(loaded.marks.slice(1).map((mark) => [mark.after, mark]));
  if (byKey.size === 0) {
    return top;
  }
  for (let at = Math.min(index, loaded.rows.length) - 1; at >= 0; at -= 1) {
    const row = loaded.rows[at];
    const mark = row === undefined ? undefined : byKey.get(keyOf(row));
    if (mark !== undefined) {
      return mark;
    }
  }
  return top;
}

/** The list after changes that the core has not answered yet. */
export function patchedRows(loaded: Loaded, patches: Iterable<RowPatch>): Loaded {
  let { rows } = loaded;
  for (const patch of patches) {
    rows = rows.map(patch).filter((row) => row !== null);
  }
  return rows === loaded.rows ? loaded : { ...loaded, rows };
}
