import { createContext, useContext } from "react";
import type { ReactNode } from "react";

/** The pages of the settings. `account` is about one account. */
export const SETTINGS_PAGES = [
  "general",
  "notifications",
  "account",
  "storage",
  "services",
  "about",
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

/** Where the person is in the window. */
export type Place =
  | { kind: "start" }
  /** `resume` is the mailbox whose setup was left half way. */
  | { kind: "setup"; resume?: string }
  /** `address` is the mailbox that was just connected. */
  | { kind: "mail"; address: string | null }
  /** `folder` is the path of one whose files are asked about, `section` the part of an account's page that is. */
  | { kind: "settings"; page: SettingsPage; address?: string; folder?: string; section?: "sync" };

/** The places that a person can choose to go to. */
export type Destination = Exclude<Place, { kind: "start" }>;

const GoContext = createContext<((place: Destination) => void) | null>(null);

/** Gives the screens inside it the way to every other screen. */
export function GoProvider({ go, children }: { go: (place: Destination) => void; children: ReactNode }) {
  return <GoContext value={go}>{children}</GoContext>;
}

/** Leads the window to another screen. */
export function useGo(): (place: Destination) => void {
  const go = useContext(GoContext);
  if (go === null) {
    throw new Error("useGo needs a GoProvider around it");
  }
  return go;
}
