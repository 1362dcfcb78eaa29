import { signOf } from "../../shared/status/sign";
import type { Judged } from "../../shared/status/sign";

/** What an account needs from the person. */
export type Trouble = "none" | "approved" | "signIn" | "trouble";

/** What passes by itself, no network or a server that rests, is shown in the window and at the tray, and not announced. */
export function troubleOf(account: Judged): Trouble {
  switch (signOf(account)) {
    case "approved":
      return "approved";
    case "sign-in":
      return "signIn";
    case "you":
    case "administrator":
      return "trouble";
    default:
      return "none";
  }
}

/** What is said about an account whose state changed; nothing about what was so before, or was never seen otherwise. */
export function announcedTrouble(before: Trouble | undefined, now: Trouble): Exclude<Trouble, "none"> | null {
  return before === undefined || before === now || now === "none" ? null : now;
}
