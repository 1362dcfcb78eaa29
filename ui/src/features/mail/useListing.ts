import { useEffect, useState } from "react";

import type { MessageRow, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery, useMessagePages } from "../../ipc/query";
import type { Scope } from "./view";

/** Rows of one page. */
const PAGE = 200;
/** Rows that a search answers at most; the newest come first. */
const FOUND = 500;
/** How long the typing has to rest before it is searched for. */
const REST_MS = 200;

/** The messages that the list shows. */
export interface Listing {
  rows: MessageRow[];
  isLoading: boolean;
  error: WireError | null;
  /** True when there are more rows to ask for. */
  hasMore: boolean;
  loadMore: () => void;
  /** False while a search may miss messages that are not loaded yet. */
  isComplete: boolean;
  /** True when a search found more than it shows. */
  isCut: boolean;
}

/** The messages of a folder, or those that a search finds. */
export function useListing(scope: Scope, query: string): Listing {
  const typed = query.trim();
  const settled = useSettled(typed, REST_MS);
  const isSearch = typed !== "";
  const pages = useMessagePages(
    {
      ...(scope.address === null ? {} : { address: scope.address }),
      folder: scope.folder,
      limit: PAGE,
      threads: false,
    },
    { enabled: !isSearch },
  );
  const search = useCommandQuery(
    "message_search",
    { query: settled, ...(scope.address === null ? {} : { address: scope.address }), limit: FOUND },
    { enabled: isSearch && settled !== "", keepPrevious: true },
  );
  if (isSearch) {
    const rows = search.data?.messages ?? [];
    return {
      rows,
      isLoading: search.data === undefined && search.error === null,
      error: search.error === null ? null : wireOf(search.error),
      hasMore: false,
      loadMore: nothing,
      isComplete: search.data?.complete ?? true,
      isCut: rows.length === FOUND,
    };
  }
  return {
    rows: pages.data?.pages.flatMap((page) => page.messages) ?? [],
    isLoading: pages.isPending,
    error: pages.error === null || pages.data !== undefined ? null : wireOf(pages.error),
    hasMore: pages.hasNextPage,
    loadMore: () => {
      if (!pages.isFetching) {
        void pages.fetchNextPage();
      }
    },
    isComplete: true,
    isCut: false,
  };
}

function nothing(): void {}

/** The value once it has not changed for a while; nothing to wait for when it becomes empty. */
function useSettled(value: string, rest: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === "" ? 0 : rest);
    return () => clearTimeout(timer);
  }, [value, rest]);
  return settled;
}
