import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { useDoor } from "../../ipc/context";
import type { SettingsUpdate, SettingsView, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { DEFAULTS, changed } from "./settings";

/** Where the cache keeps the reply of `settings_get`. */
const KEY = ["settings_get", {}];

/** How many changes were made; the answer to the last one is the one that counts. */
const changes = new WeakMap<QueryClient, number>();

export interface Settings {
  /** The program's settings; what holds by default until the core has told them. */
  settings: SettingsView;
  /** True once the core has told them. */
  isKnown: boolean;
  /** Why they cannot be read, when they cannot. */
  error: WireError | null;
  /** Changes some of them: at once on the screen, then in the core. When the core refuses, they are as before. */
  change: (part: SettingsUpdate) => Promise<void>;
}

/** The program's settings, and the way to change them. */
export function useSettings(): Settings {
  const door = useDoor();
  const client = useQueryClient();
  const query = useCommandQuery("settings_get", {});

  const change = useCallback(
    async (part: SettingsUpdate) => {
      const show = () => client.setQueryData<SettingsView>(KEY, (now) => changed(now ?? DEFAULTS, part));
      show();
      // A question that was under way would bring the old answer, and giving it up brings back what was before it.
      await client.cancelQueries({ queryKey: KEY });
      show();
      const number = (changes.get(client) ?? 0) + 1;
      changes.set(client, number);
      try {
        const kept = await door.call("settings_update", part);
        // An answer to an earlier change does not know the later one.
        if (changes.get(client) === number) {
          client.setQueryData(KEY, kept);
        }
      } catch (error) {
        // What is kept is what the core says.
        await client.invalidateQueries({ queryKey: KEY });
        throw error;
      }
    },
    [client, door],
  );

  return {
    settings: query.data ?? DEFAULTS,
    isKnown: query.data !== undefined,
    error: query.error === null ? null : wireOf(query.error),
    change,
  };
}
