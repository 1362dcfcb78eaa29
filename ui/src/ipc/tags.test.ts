import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";

import type { EventView } from "./contract";
import { invalidate, shows, staleAfter } from "./tags";

const address = "a@example.com";
const folder = { event: "folder_synced", address, folder: "INBOX", error: null } as const;

test.each<[EventView, string[]]>([
  [{ event: "account_changed", address }, ["accounts", "folders"]],
  [{ ...folder, added: 1, changed: 0, removed: 0 }, ["accounts", "folders", "messages"]],
  [{ ...folder, added: 0, changed: 0, removed: 0 }, ["folders"]],
  [{ event: "sync_ended", address, error: null }, ["accounts", "folders"]],
  [{ event: "outbox_changed", address, id: 1, state: "sent" }, ["outbox"]],
  [{ event: "operations_changed", address }, ["operations"]],
  [{ event: "sync_started", address }, []],
  [{ event: "watch_rested", address, by: "push" }, []],
])("event %j _makes_stale %j", (event, expected) => {
  expect(staleAfter(event)).toEqual(expected);
});

test("status_shows_operations_and_a_detection_shows_nothing", () => {
  expect(shows("status_get", ["operations"])).toBe(true);
  expect(shows("account_detect", ["accounts", "folders", "messages", "outbox", "operations"])).toBe(false);
});

test("invalidate_of_a_tag_leaves_the_replies_of_other_tags", async () => {
  const client = new QueryClient();
  client.setQueryData(["folder_list", { address, refresh: false }], []);
  client.setQueryData(["outbox_list", {}], []);
  await invalidate(client, ["folders"]);
  expect(client.getQueryState(["folder_list", { address, refresh: false }])?.isInvalidated).toBe(true);
  expect(client.getQueryState(["outbox_list", {}])?.isInvalidated).toBe(false);
});
