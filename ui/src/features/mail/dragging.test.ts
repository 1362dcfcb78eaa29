import { expect, test } from "vitest";

import { dropOutcome, placingOf } from "./dragging";
import { folderLines } from "./folders";
import { makeFolder, makeRow } from "./samples.test-data";

const lines = folderLines([
  makeFolder({ id: 1, path: "INBOX", role: "inbox" }),
  makeFolder({ id: 2, path: "Work" }),
  makeFolder({ id: 3, path: "All", role: "all" }),
  makeFolder({ id: 4, path: "Work/Holder", selectable: false }),
  makeFolder({ id: 5, path: "Bin", role: "trash" }),
]);
const row = makeRow({ account: "a@x.pl", folder: "INBOX" });
const other = makeRow({ account: "b@x.pl", folder: "INBOX" });

test.each([
  ["move", [row], "a@x.pl", "Work", "moves"],
  ["move", [row, { ...row, folder: "Work" }], "a@x.pl", "Work", "moves"],
  ["move", [row], "a@x.pl", "INBOX", "sameFolder"],
  ["move", [row], "b@x.pl", "Work", "otherAccount"],
  ["move", [row, other], "a@x.pl", "Work", "severalAccounts"],
  ["move", [row], "a@x.pl", "All", "noTarget"],
  ["move", [row], "a@x.pl", "Work/Holder", "noTarget"],
  ["move", [row], "a@x.pl", "Bin", "moves"],
  ["copy", [row], "a@x.pl", "Work", "copies"],
  ["copy", [row], "a@x.pl", "INBOX", "sameFolder"],
  ["copy", [row], "a@x.pl", "Bin", "noTarget"],
] as const)("%s _of_rows %j _over %s %s _gives %s", (placing, rows, address, path, expected) => {
  expect(dropOutcome(placing, rows, address, lines, path)).toBe(expected);
});

test.each([
  [{ ctrlKey: false, altKey: false }, false, "move"],
  [{ ctrlKey: true, altKey: false }, false, "copy"],
  [{ ctrlKey: false, altKey: true }, false, "move"],
  [{ ctrlKey: false, altKey: true }, true, "copy"],
  [{ ctrlKey: true, altKey: false }, true, "move"],
])("drag_with %j _held_on_a_mac %j _is_a %s", (held, isMac, expected) => {
  expect(placingOf(held, isMac)).toBe(expected);
});
