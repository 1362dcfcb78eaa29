import { expect, test } from "vitest";

import { NOTHING, only, ticking } from "./selection";
import { ALL_INBOXES, isScope, nextView, startView } from "./view";
import type { ViewEvent, ViewState } from "./view";

const start = startView(["a@example.com"]);
const reading: ViewState = {
  ...start,
  query: "invoice",
  selection: only(7),
  pane: "message",
  before: only(3),
};

test("view_starts_in_the_inbox_of_the_only_account_and_else_in_all", () => {
  expect(start.scope).toEqual({ address: "a@example.com", folder: "inbox" });
  expect(startView(["a@example.com", "b@example.com"]).scope).toEqual(ALL_INBOXES);
});

test.each<[ViewEvent, Partial<ViewState>]>([
  [
    { event: "folder_chosen", scope: { address: "a@example.com", folder: "Sent" } },
    {
      scope: { address: "a@example.com", folder: "Sent" },
      query: "",
      selection: NOTHING,
      before: NOTHING,
      pane: "list",
    },
  ],
  [{ event: "folders_opened" }, { pane: "folders" }],
  [
    { event: "query_typed", query: "x" },
    { query: "x", selection: NOTHING, pane: "list" },
  ],
  [
    { event: "query_typed", query: "" },
    { query: "", selection: only(3), pane: "list" },
  ],
  [{ event: "selected", selection: only(9) }, { selection: only(9) }],
  [{ event: "rows_left", next: 8, opens: true }, { selection: only(8) }],
  [{ event: "rows_left", next: 8, opens: false }, { selection: { ...NOTHING, focus: 8 } }],
  [
    { event: "outbox_chosen" },
    { query: "", selection: NOTHING, before: NOTHING, pane: "list", isOutbox: true },
  ],
  [
    { event: "message_wanted", scope: { address: "a@example.com", folder: "Sent" }, key: 4 },
    {
      scope: { address: "a@example.com", folder: "Sent" },
      query: "",
      selection: only(4),
      before: NOTHING,
      pane: "message",
    },
  ],
  [
    { event: "rows_left", next: null, opens: true },
    { selection: NOTHING, pane: "list" },
  ],
  [{ event: "closed" }, { selection: { ...NOTHING, focus: 7 }, pane: "list" }],
])("view_after %j _is %j", (event, expected) => {
  expect(nextView(reading, event)).toEqual({ ...reading, ...expected });
});

test("row_that_is_opened_brings_a_narrow_window_to_the_message", () => {
  const opened = nextView(start, { event: "selected", selection: only(1), opens: true });
  expect(opened.pane).toBe("message");
  const many = nextView(start, { event: "selected", selection: ticking(only(1), true), opens: true });
  expect(many.pane).toBe("list");
});

test("escape_leaves_the_message_then_the_search_and_the_place_is_kept", () => {
  const folder: ViewState = { ...start, selection: only(3) };
  const searching = nextView(folder, { event: "query_typed", query: "in" });
  const found = nextView(nextView(searching, { event: "query_typed", query: "inv" }), {
    event: "selected",
    selection: only(7),
  });
  const list = nextView(found, { event: "closed" });
  expect(list.query).toBe("inv");
  expect(nextView(list, { event: "closed" })).toMatchObject({ query: "", selection: only(3) });
});

test("scope_names_a_folder_by_path_or_by_role", () => {
  const inbox = { path: "INBOX", role: "inbox" };
  expect(isScope(start.scope, "a@example.com", inbox)).toBe(true);
  expect(isScope({ address: "a@example.com", folder: "INBOX" }, "a@example.com", inbox)).toBe(true);
  expect(isScope(ALL_INBOXES, "a@example.com", inbox)).toBe(false);
  expect(isScope(start.scope, "a@example.com", { path: "Work", role: null })).toBe(false);
});
