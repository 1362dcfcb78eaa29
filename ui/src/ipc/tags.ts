import type { Query, QueryClient } from "@tanstack/react-query";

import { tags } from "./contract";
import type { EventView } from "./contract";
import type { CommandName } from "./door";

/** A kind of data that a screen holds. */
export type Tag = "accounts" | "folders" | "messages" | "outbox" | "operations" | "drafts" | "settings";

/** The data that an event makes stale. Progress makes nothing stale: it is shown, not asked for. */
export function staleAfter(event: EventView): readonly Tag[] {
  switch (event.event) {
    case "account_changed":
      return ["accounts", "folders"];
    case "inbox_readied":
      return ["accounts", "folders", "messages"];
    case "folder_synced":
      return folderChanged(event) ? ["accounts", "folders", "messages"] : ["folders"];
    case "sync_ended":
      return ["accounts", "folders"];
    case "outbox_changed":
      return ["outbox"];
    case "drafts_changed":
      return ["drafts"];
    case "settings_changed":
      return ["settings"];
    case "operations_changed":
      return ["operations"];
    case "messages_arrived":
    case "detection_stepped":
    case "signin_opened":
    case "proof_ended":
    case "sync_started":
    case "sync_progressed":
    case "download_progressed":
    case "watch_rested":
    case "transfer_progressed":
      return [];
  }
}

function folderChanged(event: { added: number; changed: number; removed: number }): boolean {
  return event.added + event.changed + event.removed > 0;
}

/** True when the reply of the command shows data of one of these kinds. */
export function shows(name: CommandName, stale: readonly string[]): boolean {
  return tags[name].provides.some((tag) => stale.includes(tag));
}

/** Makes every screen that shows data of these kinds ask again. */
export function invalidate(client: QueryClient, stale: readonly string[]): Promise<void> {
  if (stale.length === 0) {
    return Promise.resolve();
  }
  return client.invalidateQueries({ predicate: (query) => showsOneOf(query, stale) });
}

function showsOneOf(query: Query, stale: readonly string[]): boolean {
  const name = query.queryKey[0];
  return typeof name === "string" && name in tags && shows(name as CommandName, stale);
}
