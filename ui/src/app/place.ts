/** Where the person is in the window. */
export type Place =
  | { kind: "start" }
  | { kind: "setup" }
  /** `address` is the mailbox that was just connected. */
  | { kind: "mail"; address: string | null };

/** What the window draws. */
export type Screen = "loading" | "trouble" | "setup" | "mail";

/** The place once it is known how many accounts there are. Only the start depends on that, and mail without an account. */
export function nextPlace(place: Place, accounts: number): Place {
  if (place.kind === "start") {
    return accounts === 0 ? { kind: "setup" } : { kind: "mail", address: null };
  }
  return place.kind === "mail" && place.address === null && accounts === 0 ? { kind: "setup" } : place;
}

/** The screen for a place. An error of the list is told only where there is nothing else to show. */
export function screenOf(place: Place, isKnown: boolean, failed: boolean): Screen {
  if (place.kind === "setup") {
    return "setup";
  }
  if (isKnown && place.kind === "mail") {
    return "mail";
  }
  return failed ? "trouble" : "loading";
}
