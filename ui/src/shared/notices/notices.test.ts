import { expect, test } from "vitest";

import { NO_NOTICES, afterClose, afterRun, afterShow, staysFor } from "./notices";
import type { Notice, ShownNotice } from "./notices";

const run = () => {};
const undo = (id: number): ShownNotice => ({
  id,
  text: `${id}`,
  tone: "plain",
  action: { label: "Undo", run, isUndo: true },
});

test("newer_notice_takes_the_place_and_leaves_the_undo", () => {
  const state = afterShow(afterShow(NO_NOTICES, undo(1)), { id: 2, text: "Saved", tone: "plain" });
  expect(state.shown?.id).toBe(2);
  expect(state.undos.map(({ id }) => id)).toEqual([1]);
});

test("undo_that_was_run_is_gone_with_its_line", () => {
  const state = afterRun(afterShow(afterShow(NO_NOTICES, undo(1)), undo(2)), 2);
  expect(state.shown).toBeNull();
  expect(state.undos.map(({ id }) => id)).toEqual([1]);
});

test("line_that_closes_late_leaves_the_newer_one", () => {
  const state = afterShow(afterShow(NO_NOTICES, undo(1)), undo(2));
  expect(afterClose(state, 1)).toBe(state);
  expect(afterClose(state, 2).shown).toBeNull();
});

test("undos_are_kept_to_the_newest_twenty", () => {
  const ids = Array.from({ length: 25 }, (_, index) => index);
  const state = ids.reduce((before, id) => afterShow(before, undo(id)), NO_NOTICES);
  expect(state.undos.map(({ id }) => id)).toEqual(ids.slice(5));
});

test.each<[Notice, number]>([
  [{ text: "", tone: "plain" }, 5_000],
  [{ text: "", tone: "bad" }, 10_000],
  [{ text: "", tone: "plain", action: { label: "", run } }, 10_000],
  [{ text: "", tone: "bad", ms: 1 }, 1],
])("notice %j _stays %d ms", (notice, expected) => {
  expect(staysFor(notice)).toBe(expected);
});
