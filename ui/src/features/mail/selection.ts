/** Which rows of a list are chosen, by their keys (`keyOf`). */
export interface Selection {
  keys: ReadonlySet<number>;
  /** The row that the keyboard is at. */
  focus: number | null;
  /** Where a range begins that is drawn with Shift. */
  anchor: number | null;
  /** True while every press chooses one more: rows show boxes to tick. */
  ticking: boolean;
}

export const NOTHING: Selection = { keys: new Set(), focus: null, anchor: null, ticking: false };

/** Only this row. */
export function only(key: number | null): Selection {
  return key === null ? NOTHING : { keys: new Set([key]), focus: key, anchor: key, ticking: false };
}

/** True when there is one message to read: the row that is chosen alone. */
export function readKey(selection: Selection): number | null {
  const [first] = selection.keys;
  return selection.keys.size === 1 && !selection.ticking && first !== undefined ? first : null;
}

/** This row in or out, the others as they are. */
export function toggled(selection: Selection, key: number): Selection {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) {
    keys.add(key);
  }
  return { ...selection, keys, focus: key, anchor: key };
}

/** Begins or ends the ticking of rows. What is chosen alone is ticked when it begins. */
export function ticking(selection: Selection, isOn: boolean): Selection {
  return isOn ? { ...selection, ticking: true } : { ...NOTHING, focus: selection.focus };
}

/** The rows from the anchor to this one. */
export function extended(selection: Selection, keys: readonly number[], to: number): Selection {
  const from = selection.anchor === null ? -1 : keys.indexOf(selection.anchor);
  const end = keys.indexOf(to);
  if (from === -1 || end === -1) {
    return { ...only(to), ticking: selection.ticking };
  }
  const range = keys.slice(Math.min(from, end), Math.max(from, end) + 1);
  const kept = selection.ticking ? [...selection.keys, ...range] : range;
  return { ...selection, keys: new Set(kept), focus: to };
}

/** Every row of the list. */
export function all(selection: Selection, keys: readonly number[]): Selection {
  return keys.length === 0
    ? selection
    : {
        keys: new Set(keys),
        focus: selection.focus ?? keys[0] ?? null,
        anchor: keys[0] ?? null,
        ticking: selection.ticking,
      };
}

/** The row `step` places below (above, when negative) the one with the focus, or the first one. It stays at the ends. */
export function neighbour(keys: readonly number[], focus: number | null, step: number): number | null {
  const here = focus === null ? -1 : keys.indexOf(focus);
  const there = here === -1 ? 0 : Math.min(keys.length - 1, Math.max(0, here + step));
  return keys[there] ?? null;
}

/** The selection one step on: alone, as the end of a range with Shift, or only the focus while rows are ticked. */
export function stepped(
  selection: Selection,
  keys: readonly number[],
  step: number,
  withShift: boolean,
): Selection {
  const to = neighbour(keys, selection.focus, step);
  if (to === null) {
    return selection;
  }
  if (withShift) {
    return extended(selection, keys, to);
  }
  return selection.ticking ? { ...selection, focus: to, anchor: to } : only(to);
}

/** What is chosen when some rows go: the one below the last of them, else the one above, so that the place is kept. */
export function afterRemoval(keys: readonly number[], gone: ReadonlySet<number>): number | null {
  const last = keys.findLastIndex((key) => gone.has(key));
  if (last === -1) {
    return null;
  }
  const below = keys.slice(last + 1).find((key) => !gone.has(key));
  return below ?? keys.slice(0, last).findLast((key) => !gone.has(key)) ?? null;
}
