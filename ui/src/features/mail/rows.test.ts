import { expect, test } from "vitest";

import { makeRow } from "./samples.test-data";
import { FLAGGED, SEEN, afterRemoval, has, neighbour, senderOf, withFlags } from "./rows";

const rows = [10, 20, 30].map((id) => makeRow({ id }));

test.each([
  [null, 1, 10],
  [10, 1, 20],
  [30, 1, 30],
  [10, -1, 10],
  [30, -1, 20],
  [99, 1, 10],
])("neighbour_of %j _at %d _is %j", (id, step, expected) => {
  expect(neighbour(rows, id, step)).toBe(expected);
});

test.each([
  [10, 20],
  [20, 30],
  [30, 20],
  [99, null],
])("row_after_removal_of %d _is %j", (id, expected) => {
  expect(afterRemoval(rows, id)).toBe(expected);
});

test("row_after_removal_of_the_only_one_is_none", () => {
  expect(afterRemoval([makeRow({ id: 1 })], 1)).toBeNull();
});

test("flags_are_set_and_cleared_without_regard_to_case", () => {
  const row = makeRow({ flags: ["\\seen", "work"] });
  expect(has(row, SEEN)).toBe(true);
  expect(withFlags(row, [FLAGGED], [SEEN]).flags).toEqual(["work", "\\Flagged"]);
  expect(withFlags(row, [SEEN], []).flags).toEqual(["work", "\\Seen"]);
});

test.each([
  ["Ewa Lis", "ewa@example.com", "Ewa Lis"],
  ["  ", "ewa@example.com", "ewa@example.com"],
  ["", "", null],
])("sender %j %j _is %j", (from_name, from_address, expected) => {
  expect(senderOf({ from_name, from_address })).toBe(expected);
});
