import type { AccountView, CandidateView, DetectionView, WireError } from "../../ipc/contract";
import { usableForms } from "./offers";
import type { SignInForm } from "./offers";

type Known = Pick<AccountView, "auth" | "approval" | "imap" | "provider" | "sign_ins">;
type Offers = Pick<CandidateView, "auth">;

/**
 * The ways to sign in that the servers of an account have: as detection says, or as the core knows of the account; `null`
 * where nobody knows.
 */
export function offersOf(account: Known, detection: DetectionView | undefined): Offers | null {
  const isMeant = ({ imap, name }: CandidateView) =>
    account.imap === null
      ? account.provider !== null && name === account.provider
      : imap.includes(account.imap);
  const found = detection?.candidates.find(isMeant);
  return found ?? (account.sign_ins.length > 0 ? { auth: account.sign_ins } : null);
}

function usedForm({ auth, approval }: Known): SignInForm {
  if (auth === "oauth2" || approval !== null) {
    return "browser";
  }
  return auth === "app-password" ? "app-password" : "password";
}

/** The form that an error asks for. */
export function askedForm(error: WireError | null): SignInForm | null {
  switch (error?.code) {
    case "auth_password_off":
      return "browser";
    case "auth_app_password_needed":
      return "app-password";
    default:
      return null;
  }
}

/**
 * The forms in which somebody can sign in to a known account again, the one to begin with first: the one that was used, or
 * the one that `error` asks for.
 */
export function formsAgain(
  account: Known,
  offers: Offers | null,
  error: WireError | null,
): readonly [SignInForm, ...SignInForm[]] {
  const used = usedForm(account);
  // Servers that nobody knows may take passwords; whether they have a page only a sign-in there tells.
  const possible = offers === null ? (["password"] as const) : usableForms(offers);
  const asked = askedForm(error);
  const hasAsked = asked === "browser" || (asked !== null && [used, ...possible].includes(asked));
  const first = asked !== null && hasAsked ? asked : used;
  return [
    first,
    ...[used, ...possible].filter((form, at, all) => form !== first && all.indexOf(form) === at),
  ];
}

/**
 * The sign-in service that has to be named for signing in in the browser: an account that did so before has its own, and
 * of another one the core knows only the servers.
 */
export function issuerAgain(account: Known, offers: Offers | null): string | null {
  return usedForm(account) === "browser"
    ? null
    : (offers?.auth.find(({ method }) => method === "oauth2")?.service ?? null);
}
