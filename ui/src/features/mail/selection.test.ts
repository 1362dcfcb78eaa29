import { expect, test } from "vitest";

import { NOTHING, afterRemoval, all, extended, only, readKey, stepped, ticking, toggled } from "./selection";
import type { Selection } from "./selection";

const keys = [1, 2, 3, 4, 5];
const of = (selection: Selection) => [...selection.keys].toSorted((a, b) => a - b);

test.each([
  [only(3), 1, false, [4], 4],
  [only(5), 1, false, [5], 5],
  [only(1), -1, false, [1], 1],
  [NOTHING, 1, false, [1], 1],
  [only(2), 2, true, [2, 3, 4], 4],
  [extended(only(4), keys, 5), -2, true, [3, 4], 3],
  [ticking(only(2), true), 1, false, [2], 3],
  [only(9), 1, false, [1], 1],
])("step_from %j _by %d _shift %s _chooses %j", (selection, step, shift, chosen, focus) => {
  const next = stepped(selection, keys, step, shift);
  expect([of(next), next.focus]).toEqual([chosen, focus]);
});

test("toggle_puts_in_and_takes_out", () => {
  const two = toggled(only(1), 3);
  expect(of(two)).toEqual([1, 3]);
  expect(of(toggled(two, 1))).toEqual([3]);
});

test("range_without_an_anchor_in_the_list_is_the_row_alone", () => {
  expect(of(extended(only(9), keys, 2))).toEqual([2]);
});

test("range_while_ticking_adds_to_what_is_ticked", () => {
  const ticked = toggled(toggled(ticking(only(1), true), 3), 4);
  expect(of(extended(ticked, keys, 5))).toEqual([1, 3, 4, 5]);
});

test("all_rows_are_chosen_and_the_focus_stays", () => {
  const every = all(only(3), keys);
  expect([of(every), every.focus]).toEqual([keys, 3]);
});

test.each([
  [only(2), 2],
  [NOTHING, null],
  [toggled(only(1), 2), null],
  [ticking(only(2), true), null],
])("read_of %j _is %j", (selection, expected) => {
  expect(readKey(selection)).toBe(expected);
});

test.each([
  [[2], 3],
  [[5], 4],
  [[2, 4], 5],
  [[4, 5], 3],
  [keys, null],
  [[9], null],
])("removal_of %j _goes_on_at %j", (gone, expected) => {
  expect(afterRemoval(keys, new Set(gone))).toBe(expected);
});

test("end_of_ticking_leaves_only_the_focus", () => {
  expect(ticking(ticking(only(2), true), false)).toEqual({ ...NOTHING, focus: 2 });
});
