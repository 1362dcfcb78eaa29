import type { Destination, Place } from "../shared/place";

export type { Destination, Place } from "../shared/place";

/** The wizard as a place. */
export type Wizard = Extract<Place, { kind: "setup" }>;

/** What the window draws. */
export type Screen = "loading" | "trouble" | "setup" | "mail" | "settings";

/** The place once it is known how many accounts there are. Only the start depends on that, and mail without an account. */
export function nextPlace(place: Place, accounts: number): Place {
  if (place.kind === "start") {
    return accounts === 0 ? { kind: "setup" } : { kind: "mail", address: null };
  }
  return place.kind === "mail" && place.address === null && accounts === 0 ? { kind: "setup" } : place;
}

/** Where a way leads. Back from the settings leads to the wizard that is open behind them, else to the mail. */
export function destination(from: Place, to: Destination, wizard: Wizard | null): Place {
  const isBack = from.kind === "settings" && to.kind === "mail" && to.address === null;
  return isBack && wizard !== null ? wizard : to;
}

/** The screen for a place. An error of the list is told only where there is nothing else to show. */
export function screenOf(place: Place, isKnown: boolean, failed: boolean): Screen {
  if (place.kind === "setup" || place.kind === "settings") {
    return place.kind;
  }
  if (isKnown && place.kind === "mail") {
    return "mail";
  }
  return failed ? "trouble" : "loading";
}
