import type { MessageKey } from "../../i18n/messages";
import type { AccountView } from "../../ipc/contract";

/** How an account is, or one of the things that it does, as far as its traffic has shown. */
export type Sign =
  | "working"
  | "slow"
  | "network"
  | "retrying"
  | "sign-in"
  | "waiting"
  /** The administrator has agreed; the person has not signed in since. */
  | "approved"
  | "signed-out"
  | "you"
  | "administrator"
  | "off"
  | "untried"
  | "unfinished";

/** How much a sign asks for: all is well, patience, somebody, nothing. */
export type Tone = "good" | "warn" | "bad" | "plain";

const SIGNS: Record<string, Sign> = {
  working: "working",
  slow: "slow",
  "waiting-for-network": "network",
  retrying: "retrying",
  "needs-you": "you",
  "needs-administrator": "administrator",
  "switched-off": "off",
  untried: "untried",
};

export const TONES: Record<Sign, Tone> = {
  working: "good",
  slow: "warn",
  network: "plain",
  retrying: "warn",
  "sign-in": "bad",
  waiting: "warn",
  approved: "warn",
  "signed-out": "plain",
  you: "bad",
  administrator: "bad",
  off: "plain",
  untried: "plain",
  unfinished: "plain",
};

/** The words for a sign. */
export const signName = (sign: Sign): MessageKey => `status.sign.${sign}`;

/** The sign for a condition; one that this page does not know says nothing. */
export function signFor(condition: string): Sign {
  return Object.hasOwn(SIGNS, condition) ? (SIGNS[condition] ?? "untried") : "untried";
}

/** What of an account decides about its sign. */
export type Judged = Pick<AccountView, "state" | "condition" | "setup_done" | "approval">;

/** The sign of an account. */
export function signOf({ state, condition, setup_done: isDone, approval }: Judged): Sign {
  if (approval !== null && approval.granted_at !== null) {
    return "approved";
  }
  if (state === "waiting-approval") {
    return "waiting";
  }
  if (state === "signed-out") {
    return "signed-out";
  }
  const sign = signFor(condition);
  if (state === "sign-in-needed" && sign !== "administrator") {
    return "sign-in";
  }
  return isDone ? sign : "unfinished";
}

/** True for an account that works again as soon as its person signs in. */
export const wantsSignIn = (sign: Sign) => sign === "sign-in" || isQuietSignIn(sign);

/** True where the sign-in is none that ended: the administrator has agreed, or the person had signed out. */
export const isQuietSignIn = (sign: Sign) => sign === "approved" || sign === "signed-out";

/** False for an account without a sign-in: no server is asked for it. */
export const asksServers = (sign: Sign) => sign !== "waiting" && !isQuietSignIn(sign);

/** What the button says that signs in. */
export function signInAction(sign: Sign): MessageKey {
  if (sign === "approved") {
    return "mail.signIn.finish";
  }
  return isQuietSignIn(sign) ? "mail.signIn.start" : "mail.signIn.do";
}

const WEIGHTS: readonly Sign[] = [
  "network",
  "retrying",
  "waiting",
  "approved",
  "administrator",
  "you",
  "sign-in",
];

/** The account that needs most, with its sign; `null` when none needs anything. */
export function worstOf<T extends Judged>(accounts: readonly T[]): { account: T; sign: Sign } | null {
  return accounts
    .map((account) => ({ account, sign: signOf(account) }))
    .filter(({ sign }) => WEIGHTS.includes(sign))
    .reduce<{ account: T; sign: Sign } | null>(
      (worst, one) =>
        worst === null || WEIGHTS.indexOf(one.sign) > WEIGHTS.indexOf(worst.sign) ? one : worst,
      null,
    );
}
