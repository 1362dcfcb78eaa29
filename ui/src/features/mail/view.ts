import { NOTHING, only, readKey } from "./selection";
import type { Selection } from "./selection";

/** What a list shows: a folder of an account, or the inboxes of all (`address` is `null`). */
export interface Scope {
  address: string | null;
  /** A path, or a role when the scope is every account. */
  folder: string;
}

/** Which pane a narrow window shows. */
export type Pane = "folders" | "list" | "message";

/** What the mail view shows. */
export interface ViewState {
  scope: Scope;
  /** What was typed into the search field. */
  query: string;
  selection: Selection;
  pane: Pane;
  /** True while the outbox is shown instead of messages. */
  isOutbox: boolean;
  /** What was chosen in the folder before the search. */
  before: Selection;
}

export type ViewEvent =
  | { event: "folder_chosen"; scope: Scope }
  | { event: "outbox_chosen" }
  | { event: "folders_opened" }
  /** A message of the folder is to be shown wherever the view is. */
  | { event: "message_wanted"; scope: Scope; key: number }
  | { event: "query_typed"; query: string }
  /** Rows were chosen. `opens` brings a narrow window to the message. */
  | { event: "selected"; selection: Selection; opens?: boolean }
  /** What was chosen has left the list; `next` takes its place. */
  | { event: "rows_left"; next: number | null; opens: boolean }
  | { event: "closed" };

export const ALL_INBOXES: Scope = { address: null, folder: "inbox" };

/** The view at the start: one account's inbox, or the inboxes of all. */
export function startView(addresses: readonly string[]): ViewState {
  const [first] = addresses;
  const scope =
    addresses.length === 1 && first !== undefined ? { address: first, folder: "inbox" } : ALL_INBOXES;
  return { scope, query: "", selection: NOTHING, pane: "list", isOutbox: false, before: NOTHING };
}

const EMPTY = { query: "", selection: NOTHING, pane: "list", isOutbox: false, before: NOTHING } as const;

/** The view after something happened. */
export function nextView(state: ViewState, event: ViewEvent): ViewState {
  switch (event.event) {
    case "folder_chosen":
      return { ...EMPTY, scope: event.scope };
    case "outbox_chosen":
      return { ...EMPTY, scope: state.scope, isOutbox: true };
    case "message_wanted":
      return { ...EMPTY, scope: event.scope, selection: only(event.key), pane: "message" };
    case "folders_opened":
      return { ...state, pane: "folders" };
    case "query_typed":
      return typed(state, event.query);
    case "selected":
      return {
        ...state,
        selection: event.selection,
        pane: event.opens === true && readKey(event.selection) !== null ? "message" : state.pane,
      };
    case "rows_left":
      return {
        ...state,
        selection: event.opens ? only(event.next) : { ...NOTHING, focus: event.next },
        pane: event.next === null && state.pane === "message" ? "list" : state.pane,
      };
    case "closed":
      return close(state);
  }
}

const isSearch = (query: string) => query.trim() !== "";

/** A search begins with nothing chosen and gives back what was chosen before when it ends. */
function typed(state: ViewState, query: string): ViewState {
  const before = isSearch(state.query) ? state.before : state.selection;
  return {
    ...state,
    query,
    before,
    selection: isSearch(query) ? NOTHING : before,
    pane: "list",
    isOutbox: false,
  };
}

/** Escape goes back one step: from the folders, from what is ticked or read, then from the search. */
function close(state: ViewState): ViewState {
  const { selection, pane } = state;
  if (pane === "folders") {
    return { ...state, pane: "list" };
  }
  if (selection.keys.size > 0 || selection.ticking) {
    // The row stays at hand for the keyboard.
    return { ...state, selection: { ...NOTHING, focus: selection.focus }, pane: "list" };
  }
  if (pane !== "list") {
    return { ...state, pane: "list" };
  }
  return state.query === "" ? state : typed(state, "");
}

/** True when the scope is the folder of that path, or of that role. */
export function isScope(
  scope: Scope,
  address: string,
  folder: { path: string; role: string | null },
): boolean {
  return scope.address === address && (scope.folder === folder.path || scope.folder === folder.role);
}
