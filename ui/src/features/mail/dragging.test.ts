import { expect, test } from "vitest";

import { dropOutcome } from "./dragging";
import { folderLines } from "./folders";
import { makeFolder, makeRow } from "./samples.test-data";

const lines = folderLines([
  makeFolder({ id: 1, path: "INBOX", role: "inbox" }),
  makeFolder({ id: 2, path: "Work" }),
  makeFolder({ id: 3, path: "All", role: "all" }),
  makeFolder({ id: 4, path: "Work/Holder", selectable: false }),
]);
const row = makeRow({ account: "a@x.pl", folder: "INBOX" });
const other = makeRow({ account: "b@x.pl", folder: "INBOX" });

test.each([
  [[row], "a@x.pl", "Work", "moves"],
  [[row, { ...row, folder: "Work" }], "a@x.pl", "Work", "moves"],
  [[row], "a@x.pl", "INBOX", "sameFolder"],
  [[row], "b@x.pl", "Work", "otherAccount"],
  [[row, other], "a@x.pl", "Work", "severalAccounts"],
  [[row], "a@x.pl", "All", "noTarget"],
  [[row], "a@x.pl", "Work/Holder", "noTarget"],
])("rows %j _over %s %s _give %s", (rows, address, path, expected) => {
  expect(dropOutcome(rows, address, lines, path)).toBe(expected);
});
