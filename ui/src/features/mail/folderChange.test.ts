import { expect, test } from "vitest";

import { followed, lastPart, liesIn, nameProblem, parentPath, parentsOf } from "./folderChange";
import { folderLines } from "./folders";
import { makeFolder } from "./samples.test-data";

const inbox = makeFolder({ id: 1, path: "INBOX", role: "inbox" });
const work = makeFolder({ id: 2, path: "Work" });
const year = makeFolder({ id: 3, path: "Work/2026" });
const all = makeFolder({ id: 4, path: "All", role: "all", takes_folders: false });
const folders = [inbox, work, year, all];

test("levels_of_a_path_are_told_apart", () => {
  expect([work, year].map(lastPart)).toEqual(["Work", "2026"]);
  expect([work, year].map(parentPath)).toEqual(["", "Work"]);
  const flat = makeFolder({ path: "Work/2026", delimiter: null });
  expect([lastPart(flat), parentPath(flat)]).toEqual(["Work/2026", ""]);
  expect(["Work", "Work/2026", "Workers"].map((path) => liesIn(path, work))).toEqual([true, true, false]);
});

test.each([
  ["Invoices", "", null],
  ["", "", null],
  ["a/b", "", "delimiter"],
  ["Inbox", "", "reserved"],
  ["#news", "", "reserved"],
  ["Inbox", "Work", null],
  [" Work ", "", "exists"],
  ["2026", "Work", "exists"],
  ["2026", "", null],
] as const)("name %s in %s _has_the_problem %s", (name, parent, problem) => {
  expect(nameProblem(name, parent, folders, null)).toBe(problem);
});

test("own_name_of_a_folder_is_no_problem", () => {
  expect(nameProblem("Work", "", folders, work)).toBeNull();
});

test("folder_is_put_into_those_that_take_folders_but_not_into_itself", () => {
  const lines = folderLines(folders);
  const paths = (moved: typeof work | null) => parentsOf(lines, moved).map(({ folder }) => folder.path);
  expect(paths(null)).toEqual(["INBOX", "Work", "Work/2026"]);
  expect(paths(work)).toEqual(["INBOX"]);
});

test("what_is_shown_follows_a_folder_that_was_renamed", () => {
  expect(["Work", "Work/2026", "Workers"].map((path) => followed(path, work, "A/B"))).toEqual([
    "A/B",
    "A/B/2026",
    "Workers",
  ]);
});
