import { isTauri } from "@tauri-apps/api/core";

import { browserHost } from "./browserHost";
import type { Door } from "./door";
import type { Host } from "./host";
import { openHttpDoor } from "./httpDoor";
import { tauriDoor } from "./tauriDoor";
import { tauriHost } from "./tauriHost";

/** The way to the core, and what is around the page. */
export interface Surroundings {
  door: Door;
  host: Host;
}

/** Those of the desktop window or of a browser; `null` in a browser that came without a link of `mailroom serve`. */
export async function findSurroundings(): Promise<Surroundings | null> {
  if (isTauri()) {
    return { door: tauriDoor, host: tauriHost };
  }
  const door = await openHttpDoor({
    fetch: (input, init) => fetch(input, init),
    storage: sessionStorage,
    location: window.location,
    forgetHash: () => window.history.replaceState(null, "", window.location.pathname),
  });
  return door === null ? null : { door, host: browserHost() };
}
