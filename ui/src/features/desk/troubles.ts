import type { AccountView } from "../../ipc/contract";

/** What an account needs from the person. */
export type Trouble = "none" | "signIn" | "trouble";

/** Codes of what passes by itself: no network, a server that rests. They are shown in the window, not announced. */
const PASSING = new Set([
  "network_unreachable",
  "name_not_found",
  "connect_refused",
  "connect_timeout",
  "connection_lost",
  "server_stalled",
  "server_closed",
  "server_unavailable",
  "too_many_connections",
  "cancelled",
]);

export function troubleOf({ state, error }: Pick<AccountView, "state" | "error">): Trouble {
  if (state === "sign-in-needed") {
    return "signIn";
  }
  return error === null || PASSING.has(error.code) ? "none" : "trouble";
}

/** What is said about an account whose state changed; nothing about what was so before, or was never seen otherwise. */
export function announcedTrouble(before: Trouble | undefined, now: Trouble): Exclude<Trouble, "none"> | null {
  return before === undefined || before === now || now === "none" ? null : now;
}
