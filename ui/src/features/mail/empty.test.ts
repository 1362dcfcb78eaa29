import { expect, test } from "vitest";

import { emptyReason } from "./empty";

const folder = { chosen: true, synced_at: 1 };
const facts = { isSearch: false, isComplete: true, folder, accounts: [{ received_at: 1 }] };

test.each([
  [facts, "folder"],
  [{ ...facts, isSearch: true }, "search"],
  [{ ...facts, isSearch: true, isComplete: false }, "searchLoading"],
  [{ ...facts, folder: { chosen: false, synced_at: null } }, "notKept"],
  [{ ...facts, folder: { chosen: true, synced_at: null } }, "notYet"],
  [{ ...facts, folder: null }, "folder"],
  [{ ...facts, folder: null, accounts: [{ received_at: null }] }, "notYet"],
])("list_with %j _is_empty_because_of %s", (given, expected) => {
  expect(emptyReason(given)).toBe(expected);
});
