import { expect, test } from "vitest";

import { sortedOperations } from "../../shared/operations";
import { operationText, refusalText, subjectsOf } from "./waiting";

test.each([
  [operationText("move", "inbox", false), "mail.operation.move"],
  [operationText("move", "inbox", true), "mail.operation.moveTo"],
  [operationText("copy", null, true), "mail.operation.copyTo"],
  [operationText("flags", "drafts", false), "mail.operation.flags"],
  [operationText("append", "sent", false), "mail.operation.append"],
  [operationText("append", "drafts", false), "mail.operation.append"],
  [operationText("draft", "drafts", false), "mail.operation.draft"],
  [operationText("delete", "drafts", false), "mail.operation.deleteDraft"],
  [operationText("something new", null, true), "mail.operation.other"],
  [refusalText("move"), "mail.refused.undone"],
  [refusalText("draft"), "mail.refused.draft"],
  [refusalText("append"), "mail.refused.append"],
])("text %s _is %s", (found, expected) => {
  expect(found).toBe(expected);
});

test("refused_changes_do_not_wait", () => {
  const [waiting, refused, new_one] = ["waiting", "refused", "something new"].map((state) => ({ state }));
  expect(sortedOperations([waiting, refused, new_one].filter((one) => one !== undefined))).toEqual({
    waiting: [waiting, new_one],
    refused: [refused],
  });
});

test("subjects_are_told_as_far_as_they_are_known", () => {
  expect(subjectsOf({ messages: 5, subjects: ["Offer", " ", "Plan"] })).toEqual({
    subjects: ["Offer", "Plan"],
    others: 3,
  });
  expect(subjectsOf({ messages: 2, subjects: [] })).toEqual({ subjects: [], others: 0 });
});
