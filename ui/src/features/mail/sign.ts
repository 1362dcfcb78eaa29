import type { AccountView } from "../../ipc/contract";
import type { MessageKey } from "../../i18n/messages";

/** How an account is, as far as its traffic has shown. */
export type Sign = "works" | "unproved" | "sign-in" | "trouble";

/** The words for a sign. */
export const SIGN_NAMES: Record<Sign, MessageKey> = {
  works: "mail.state.works",
  unproved: "mail.state.unproved",
  "sign-in": "mail.state.signIn",
  trouble: "mail.state.trouble",
};

/** The sign of an account: what it needs comes before what it did. */
export function signOf(account: Pick<AccountView, "state" | "error" | "received_at">): Sign {
  if (account.state === "sign-in-needed") {
    return "sign-in";
  }
  if (account.error !== null) {
    return "trouble";
  }
  return account.state === "working" && account.received_at !== null ? "works" : "unproved";
}
