import { createContext, useContext } from "react";

import type { Scope } from "./view";

/** What the person asked for outside of the page: a message, or an account's inbox. */
export type DeskRequest = { kind: "message"; id: number } | { kind: "inbox"; address: string };

/** What the mail view and the desktop around it tell each other. */
export interface DeskLink {
  /** What is asked for; a new object each time. */
  request: DeskRequest | null;
  /** Told once it was seen to. */
  onSeen: (request: DeskRequest) => void;
  /** Told which folder is on the screen; `null` when none is. */
  onLook: (scope: Scope | null) => void;
}

const NO_DESK: DeskLink = { request: null, onSeen: () => {}, onLook: () => {} };

const DeskLinkContext = createContext<DeskLink>(NO_DESK);

export const DeskLinkProvider = DeskLinkContext.Provider;

export function useDeskLink(): DeskLink {
  return useContext(DeskLinkContext);
}
