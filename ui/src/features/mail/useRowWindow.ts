import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RefObject } from "react";

import type { MessageRow } from "../../ipc/contract";
import { keyOf } from "./rows";

/** A row in sight, by which a list finds its place again. */
export interface ListPlace {
  key: number;
  /** Pixels of it that are above the upper edge. */
  offset: number;
}

/** Height of a row before the page has one, in pixels. */
const ROW = 82;
/** Rows drawn beyond both edges. */
const BEYOND = 8;
/** The drawn rows change in steps of this many, so that not every pixel draws anew. */
const STEP = 4;

interface RowWindow {
  scroller: RefObject<HTMLDivElement | null>;
  /** Stands in the list to tell the height of a row. */
  probe: RefObject<HTMLDivElement | null>;
  /** Height of every row, in pixels. */
  height: number;
  /** The rows to draw: from `start`, before `end`. */
  start: number;
  end: number;
  /** Rows that came in above while the reader was further down. */
  arrived: number;
  onScroll: () => void;
  toTop: () => void;
}

interface Options {
  rows: readonly MessageRow[];
  /** The row that has to be in sight when it changes. */
  focus: number | null;
  /** Where the list was when it was last left. */
  place: ListPlace | null;
  onPlace: (place: ListPlace | null) => void;
  onView: (first: number) => void;
}

/**
 * The part of a long list that is in sight. All rows have one height, so a place is a product and no row is ever
 * measured. Rows that come or go above do not move those in sight, unless the list is at its top.
 */
export function useRowWindow({ rows, focus, place, onPlace, onView }: Options): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(ROW);
  const [sight, setSight] = useState({ first: 0, count: 12 });
  const [arrived, setArrived] = useState(0);
  const anchor = useRef<ListPlace | null>(place);
  const before = useRef<{ rows: readonly MessageRow[]; index: number }>({ rows, index: 0 });

  const look = useCallback(() => {
    const list = scroller.current;
    if (list === null || (list.clientHeight === 0 && list.scrollTop === 0)) {
      return;
    }
    const index = Math.floor(list.scrollTop / height);
    const row = rows[index];
    // The top is a place of its own: there new rows come in.
    anchor.current =
      list.scrollTop < 1 || row === undefined
        ? null
        : { key: keyOf(row), offset: list.scrollTop - index * height };
    before.current = { rows, index };
    if (anchor.current === null) {
      setArrived(0);
    }
    const first = Math.floor(index / STEP) * STEP;
    const count = Math.ceil(list.clientHeight / height) + STEP;
    setSight((last) => (last.first === first && last.count === count ? last : { first, count }));
    onView(index);
  }, [rows, height, onView]);

  useLayoutEffect(() => {
    const list = scroller.current;
    const { current: held } = anchor;
    if (list !== null && held !== null) {
      const { rows: old, index: was } = before.current;
      const at = indexNear(rows, held.key, was) ?? nextOf(rows, old, was);
      if (at !== null) {
        if (old !== rows && at > was && old.length > 0) {
          setArrived((count) => count + at - was);
        }
        list.scrollTop = at * height + held.offset;
      }
    }
    look();
  }, [rows, height, look]);

  useLayoutEffect(() => {
    const list = scroller.current;
    const at = focus === null ? -1 : rows.findIndex((row) => keyOf(row) === focus);
    if (list === null || at < 0) {
      return;
    }
    const top = at * height;
    if (top < list.scrollTop) {
      list.scrollTop = top;
    } else if (top + height > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + height - list.clientHeight;
    }
    look();
    // Only a change of the focus scrolls; rows that come or go do not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [focus]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      setHeight(probe.current?.offsetHeight || ROW);
      look();
    });
    [probe.current, scroller.current].forEach((element) => element !== null && observer.observe(element));
    return () => observer.disconnect();
  }, [look]);

  const keep = useRef(onPlace);
  useEffect(() => {
    keep.current = onPlace;
  });
  useLayoutEffect(() => () => keep.current(anchor.current), []);

  const toTop = useCallback(() => {
    if (scroller.current !== null) {
      anchor.current = null;
      scroller.current.scrollTop = 0;
    }
    setArrived(0);
  }, []);

  return {
    scroller,
    probe,
    height,
    start: Math.max(0, sight.first - BEYOND),
    end: Math.min(rows.length, sight.first + sight.count + BEYOND),
    arrived,
    onScroll: look,
    toTop,
  };
}

/** Where the row with this key stands; it is looked for first about where it was. */
function indexNear(rows: readonly MessageRow[], key: number, was: number): number | null {
  const from = Math.max(0, was - 600);
  const near = rows.slice(from, was + 600).findIndex((row) => keyOf(row) === key);
  if (near >= 0) {
    return from + near;
  }
  const at = rows.findIndex((row) => keyOf(row) === key);
  return at < 0 ? null : at;
}

/** Where the first of the old rows from `was` on stands that is still there. */
function nextOf(rows: readonly MessageRow[], old: readonly MessageRow[], was: number): number | null {
  for (const row of old.slice(was, was + 60)) {
    const at = indexNear(rows, keyOf(row), was);
    if (at !== null) {
      return at;
    }
  }
  return null;
}
