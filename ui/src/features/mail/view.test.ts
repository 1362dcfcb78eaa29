import { expect, test } from "vitest";

import { ALL_INBOXES, isScope, nextView, startView } from "./view";
import type { ViewEvent, ViewState } from "./view";

const start = startView(["a@example.com"]);
const reading: ViewState = { ...start, query: "invoice", messageId: 7, pane: "message" };

test("view_starts_in_the_inbox_of_the_only_account_and_else_in_all", () => {
  expect(start.scope).toEqual({ address: "a@example.com", folder: "inbox" });
  expect(startView(["a@example.com", "b@example.com"]).scope).toEqual(ALL_INBOXES);
});

test.each<[ViewEvent, Partial<ViewState>]>([
  [
    { event: "folder_chosen", scope: { address: "a@example.com", folder: "Sent" } },
    { scope: { address: "a@example.com", folder: "Sent" }, query: "", messageId: null, pane: "list" },
  ],
  [{ event: "folders_opened" }, { pane: "folders" }],
  [
    { event: "query_typed", query: "x" },
    { query: "x", messageId: null, pane: "list" },
  ],
  [
    { event: "message_chosen", id: 9 },
    { messageId: 9, pane: "message" },
  ],
  [
    { event: "message_left", next: 8 },
    { messageId: 8, pane: "message" },
  ],
  [
    { event: "message_left", next: null },
    { messageId: null, pane: "list" },
  ],
  [{ event: "closed" }, { messageId: null, pane: "list" }],
])("view_after %j _is %j", (event, expected) => {
  expect(nextView(reading, event)).toEqual({ ...reading, ...expected });
});

test("closing_again_leaves_the_search", () => {
  const list = nextView(reading, { event: "closed" });
  expect(list.query).toBe("invoice");
  expect(nextView(list, { event: "closed" }).query).toBe("");
});

test("scope_names_a_folder_by_path_or_by_role", () => {
  const inbox = { path: "INBOX", role: "inbox" };
  expect(isScope(start.scope, "a@example.com", inbox)).toBe(true);
  expect(isScope({ address: "a@example.com", folder: "INBOX" }, "a@example.com", inbox)).toBe(true);
  expect(isScope(ALL_INBOXES, "a@example.com", inbox)).toBe(false);
  expect(isScope(start.scope, "a@example.com", { path: "Work", role: null })).toBe(false);
});
