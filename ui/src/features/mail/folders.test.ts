import { expect, test } from "vitest";

import { deletesForGood, folderLines, targetsOf } from "./folders";
import { makeFolder } from "./samples.test-data";

const outline = (lines: ReturnType<typeof folderLines>) =>
  lines.map(({ name, depth }) => `${"  ".repeat(depth)}${"id" in name ? name.id : name.text}`);

const gmail = [
  makeFolder({ id: 1, path: "[Gmail]", selectable: false }),
  makeFolder({ id: 2, path: "[Gmail]/Kosz", role: "trash" }),
  makeFolder({ id: 3, path: "[Gmail]/Wszystkie", role: "all" }),
  makeFolder({ id: 4, path: "Praca/Umowy" }),
  makeFolder({ id: 5, path: "INBOX", role: "inbox" }),
  makeFolder({ id: 6, path: "Praca" }),
  makeFolder({ id: 7, path: "Archiwum firmy" }),
];

test("folders_with_a_purpose_come_first_and_the_others_are_a_tree", () => {
  expect(outline(folderLines(gmail))).toEqual([
    "mail.folder.inbox",
    "mail.folder.trash",
    "mail.folder.all",
    "Archiwum firmy",
    "Praca",
    "  Umowy",
  ]);
});

test("folder_that_only_holds_others_is_shown_when_they_are", () => {
  const folders = [
    makeFolder({ path: "Lists", selectable: false }),
    makeFolder({ id: 2, path: "Lists/Rust" }),
    makeFolder({ id: 3, path: "Empty", selectable: false }),
  ];
  expect(outline(folderLines(folders))).toEqual(["Lists", "  Rust"]);
});

test("folder_without_a_delimiter_keeps_its_whole_name", () => {
  expect(outline(folderLines([makeFolder({ path: "a/b", delimiter: null })]))).toEqual(["a/b"]);
});

test("message_can_be_moved_to_real_folders_other_than_its_own", () => {
  const targets = targetsOf("move", folderLines(gmail), "INBOX");
  expect(targets.map(({ folder }) => folder.path)).toEqual([
    "[Gmail]/Kosz",
    "Archiwum firmy",
    "Praca",
    "Praca/Umowy",
  ]);
});

test("message_is_copied_neither_to_trash_nor_to_junk", () => {
  const targets = targetsOf("copy", folderLines([...gmail, makeFolder({ id: 8, role: "junk" })]), "INBOX");
  expect(targets.map(({ folder }) => folder.path)).toEqual(["Archiwum firmy", "Praca", "Praca/Umowy"]);
});

test.each([
  ["[Gmail]/Kosz", true],
  ["INBOX", false],
])("message_deleted_from %s _is_gone_for_good %j", (path, expected) => {
  expect(deletesForGood(gmail, path)).toBe(expected);
});

test("message_deleted_in_an_account_without_trash_is_gone_for_good", () => {
  expect(deletesForGood([makeFolder({ role: "inbox" })], "INBOX")).toBe(true);
});
