import type { AuthOfferView, CandidateView, DetectionView } from "../../ipc/contract";

/** The form in which the person signs in. An app password is typed like a password, with other words around it. */
export type SignInForm = "browser" | "app-password" | "password";

/** Ways of signing in, of a candidate or of an account. */
type Offers = Pick<CandidateView, "auth">;

/** The form for a way of signing in; `null` for one that this version does not know. */
export function formOf(offer: AuthOfferView): SignInForm | null {
  switch (offer.method) {
    case "oauth2":
      return "browser";
    case "app-password":
      return "app-password";
    case "password":
      return "password";
    default:
      return null;
  }
}

/** The forms that can be used, best first. Without any offer a password is worth a try. */
export function usableForms(candidate: Offers | null): SignInForm[] {
  const forms = (candidate?.auth ?? [])
    .filter((offer) => offer.unavailable === null)
    .map(formOf)
    .filter((form) => form !== null);
  return forms.length > 0 ? [...new Set(forms)] : unavailable(candidate).length > 0 ? [] : ["password"];
}

/** Ways of signing in that the provider has and that cannot be used here. */
export function unavailable(candidate: Offers | null): AuthOfferView[] {
  return (candidate?.auth ?? []).filter((offer) => offer.unavailable !== null);
}

/** Where an app password is made. */
export function appPasswordUrl(candidate: CandidateView | null): string | null {
  return candidate?.auth.find((offer) => offer.method === "app-password")?.url ?? null;
}

/** The best candidate of a detection. */
export function bestOf(detection: DetectionView | null): CandidateView | null {
  return detection?.candidates[0] ?? null;
}

/** The other candidates that can be used. */
export function othersOf(detection: DetectionView | null): CandidateView[] {
  const others = detection?.candidates.slice(1) ?? [];
  return others.filter((candidate) => hasServers(candidate) || candidate.provider !== null);
}

/** True when the candidate names servers; some providers give every customer other ones. */
export function hasServers(candidate: CandidateView | null): boolean {
  return candidate !== null && candidate.imap.length > 0;
}
