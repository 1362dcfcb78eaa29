import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { MessageList, MessageRow, WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { appended, firstPage, markAbove, patchedRows, refreshed } from "./loaded";
import type { Loaded } from "./loaded";
import type { Pending } from "./useActions";
import { useFoundRows } from "./useFoundRows";
import type { Scope } from "./view";

/** Rows of the page at the top, which is asked for whenever something changes. */
const TOP = 100;
/** Rows of a page further down. */
const MORE = 500;
/** How long the scrolling has to rest before rows that may have changed are asked for again. */
const STILL_MS = 200;

/** The messages that the list shows. */
export interface Listing {
  /** Names the list, so that its place can be found again. */
  id: string;
  rows: readonly MessageRow[];
  isLoading: boolean;
  error: WireError | null;
  /** True when there are more rows to ask for. */
  hasMore: boolean;
  loadMore: () => void;
  /** Why the rows below could not be loaded, when they could not. */
  moreError: WireError | null;
  /** Told which row is the first in sight. */
  onView: (first: number) => void;
  /** False while a search may miss messages that are not loaded yet. */
  isComplete: boolean;
  /** True when a search found more than it shows. */
  isCut: boolean;
}

/** The messages of a folder, or those that a search finds. */
export function useListing(scope: Scope, query: string, threads: boolean, pending: Pending): Listing {
  const typed = query.trim();
  const isSearch = typed !== "";
  const folder = useFolderRows(scope, threads, pending, !isSearch);
  const found = useFoundRows(scope.address, typed);
  return isSearch ? found : folder;
}

/**
 * The rows of a folder as far as they were asked for. When something changes, only the page at the top and the one in
 * sight are asked for again; another one when it comes into sight.
 */
function useFolderRows(scope: Scope, threads: boolean, pending: Pending, enabled: boolean): Listing {
  const door = useDoor();
  const client = useQueryClient();
  const { address, folder } = scope;
  const payload = useMemo<MessageList>(
    () => ({ ...(address === null ? {} : { address }), folder, threads }),
    [address, folder, threads],
  );
  const key = useMemo(() => ["message_list", payload, "rows"], [payload]);
  const view = useRef(0);
  const busy = useRef<string | null>(null);
  const [moreError, setMoreError] = useState<WireError | null>(null);

  const query = useQuery<Loaded>({
    queryKey: key,
    enabled,
    // The rows are many, and what did not change is kept by hand.
    structuralSharing: false,
    queryFn: async () => {
      const top = await door.call("message_list", { ...payload, limit: TOP });
      const withTop = () => {
        const now = client.getQueryData<Loaded>(key);
        const mark = now?.marks[0];
        return now === undefined || mark === undefined
          ? firstPage(top)
          : refreshed(now, mark, top, now.turn + 1);
      };
      let next = withTop();
      const mark = markAbove(next, view.current);
      if (mark.cursor !== null) {
        const page = await door.call("message_list", { ...payload, limit: MORE, cursor: mark.cursor });
        next = withTop();
        next = refreshed(next, mark, page, next.turn);
      }
      return patchedRows(next, pending);
    },
  });

  const loadMore = useCallback(async () => {
    const cursor = client.getQueryData<Loaded>(key)?.cursor ?? null;
    if (cursor === null || busy.current === cursor) {
      return;
    }
    busy.current = cursor;
    try {
      const page = await door.call("message_list", { ...payload, limit: MORE, cursor });
      client.setQueryData<Loaded>(key, (now) =>
        now === undefined ? now : patchedRows(appended(now, cursor, page), pending),
      );
      setMoreError(null);
    } catch (error) {
      setMoreError(wireOf(error));
    } finally {
      busy.current = null;
    }
  }, [client, door, key, payload, pending]);

  const still = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(still.current), []);
  const onView = useCallback(
    (first: number) => {
      view.current = first;
      clearTimeout(still.current);
      still.current = setTimeout(async () => {
        const now = client.getQueryData<Loaded>(key);
        const mark = now === undefined ? null : markAbove(now, first);
        if (now === undefined || mark === null || mark.cursor === null || mark.turn === now.turn) {
          return;
        }
        // When it fails, the next change asks again.
        const page = await door
          .call("message_list", { ...payload, limit: MORE, cursor: mark.cursor })
          .catch(() => null);
        client.setQueryData<Loaded>(key, (later) =>
          later === undefined || page === null
            ? later
            : patchedRows(refreshed(later, mark, page, later.turn), pending),
        );
      }, STILL_MS);
    },
    [client, door, key, payload, pending],
  );

  return {
    id: `folder ${address ?? ""} ${folder} ${threads}`,
    rows: query.data?.rows ?? NONE,
    isLoading: query.isPending,
    error: query.error === null || query.data !== undefined ? null : wireOf(query.error),
    hasMore: (query.data?.cursor ?? null) !== null,
    loadMore: () => void loadMore(),
    moreError,
    onView,
    isComplete: true,
    isCut: false,
  };
}

const NONE: readonly MessageRow[] = [];
