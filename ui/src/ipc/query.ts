import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";

import { useDoor } from "./context";
import { tags } from "./contract";
import type { CommandName, PayloadOf, ReplyOf } from "./door";
import { invalidate, staleAfter } from "./tags";

/** How a query differs from the usual. */
export interface CommandQueryOptions {
  /** False to ask nothing yet. */
  enabled?: boolean;
  /** True to go on showing the last reply while the one to a new payload is on its way. */
  keepPrevious?: boolean;
}

/** The reply of a reading command, kept fresh: it is asked again when something makes it stale. */
export function useCommandQuery<K extends CommandName>(
  name: K,
  payload: PayloadOf<K>,
  options: CommandQueryOptions = {},
): UseQueryResult<ReplyOf<K>> {
  const door = useDoor();
  return useQuery<ReplyOf<K>>({
    queryKey: [name, payload],
    queryFn: () => door.call(name, payload),
    enabled: options.enabled ?? true,
    ...(options.keepPrevious === true ? { placeholderData: (previous) => previous } : {}),
  });
}

/** The replies of one reading command to several payloads, in their order. */
export function useCommandQueries<K extends CommandName>(
  name: K,
  payloads: readonly PayloadOf<K>[],
): UseQueryResult<ReplyOf<K>>[] {
  const door = useDoor();
  return useQueries({
    queries: payloads.map((payload) => ({
      queryKey: [name, payload],
      queryFn: () => door.call(name, payload),
    })),
  });
}

/** A command that changes something. When it has, or has failed half-way, what it made stale is asked again. */
export function useCommandMutation<K extends CommandName>(
  name: K,
): UseMutationResult<ReplyOf<K>, Error, PayloadOf<K>> {
  const door = useDoor();
  const client = useQueryClient();
  return useMutation<ReplyOf<K>, Error, PayloadOf<K>>({
    mutationFn: (payload) => door.call(name, payload),
    onSettled: () => invalidate(client, tags[name].invalidates),
  });
}

/** Makes the screens ask again for what the core's events say has changed. Used once, at the root. */
export function useEventInvalidation(): void {
  const door = useDoor();
  const client = useQueryClient();
  useEffect(() => door.listen((event) => void invalidate(client, staleAfter(event))), [client, door]);
}
