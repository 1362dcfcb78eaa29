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
  messageId: number | null;
  pane: Pane;
}

export type ViewEvent =
  | { event: "folder_chosen"; scope: Scope }
  | { event: "folders_opened" }
  | { event: "query_typed"; query: string }
  | { event: "message_chosen"; id: number | null }
  | { event: "message_left"; next: number | null }
  | { event: "closed" };

export const ALL_INBOXES: Scope = { address: null, folder: "inbox" };

/** The view at the start: one account's inbox, or the inboxes of all. */
export function startView(addresses: readonly string[]): ViewState {
  const [only] = addresses;
  const scope =
    addresses.length === 1 && only !== undefined ? { address: only, folder: "inbox" } : ALL_INBOXES;
  return { scope, query: "", messageId: null, pane: "list" };
}

/** The view after something happened. */
export function nextView(state: ViewState, event: ViewEvent): ViewState {
  switch (event.event) {
    case "folder_chosen":
      return { scope: event.scope, query: "", messageId: null, pane: "list" };
    case "folders_opened":
      return { ...state, pane: "folders" };
    case "query_typed":
      return { ...state, query: event.query, messageId: null, pane: "list" };
    case "message_chosen":
      return { ...state, messageId: event.id, pane: event.id === null ? state.pane : "message" };
    case "message_left":
      return {
        ...state,
        messageId: event.next,
        pane: event.next === null && state.pane === "message" ? "list" : state.pane,
      };
    case "closed":
      return close(state);
  }
}

/** Escape goes back one step: from the message, from the folders, then from the search. */
function close(state: ViewState): ViewState {
  if (state.messageId !== null) {
    return { ...state, messageId: null, pane: "list" };
  }
  if (state.pane !== "list") {
    return { ...state, pane: "list" };
  }
  return { ...state, query: "" };
}

/** True when the scope is the folder of that path, or of that role. */
export function isScope(
  scope: Scope,
  address: string,
  folder: { path: string; role: string | null },
): boolean {
  return scope.address === address && (scope.folder === folder.path || scope.folder === folder.role);
}
