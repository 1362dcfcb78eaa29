import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { EventView, WireError } from "./contract";
import { CallError } from "./door";
import type { Door, SavedFile } from "./door";

/** The one channel on which the shell tells what happens. */
const EVENTS = "mailroom://event";

/** The way to the core from inside the desktop window. */
export const tauriDoor: Door = {
  call: (name, payload) => ask("call", { name, payload }),
  openExternal: (url) => ask("open_external", { url }),
  saveDownload: (id, part, filename) => ask<SavedFile>("save_download", { id, part, filename }),
  listen(handler) {
    // The shell answers later with the function that ends the listening; by then it may be unwanted already.
    let wanted = true;
    let end: (() => void) | undefined;
    void (async () => {
      const ending = await listen<EventView>(EVENTS, ({ payload }) => {
        if (wanted) {
          handler(payload);
        }
      });
      if (wanted) {
        end = ending;
      } else {
        ending();
      }
    })();
    return () => {
      wanted = false;
      end?.();
    };
  },
};

/** Runs one command of the shell. A refusal is a `CallError`. */
export async function ask<T>(command: string, values: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, values);
  } catch (error) {
    throw isWireError(error) ? new CallError(error) : error;
  }
}

function isWireError(value: unknown): value is WireError {
  return typeof value === "object" && value !== null && "code" in value && "params" in value;
}
