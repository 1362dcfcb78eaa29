import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { SearchPage } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { usePaintMark } from "../../shared/usePaintMark";
import type { Listing } from "./useListing";

/** Rows that are asked for while the words are typed: more than fit into a window. */
const FIRST = 60;
/** Rows that a search answers at most; the newest come first. */
const MOST = 500;
/** How long the words have to rest before all rows are asked for. */
const REST_MS = 400;

/** What a search found, and for which words. */
interface Found extends SearchPage {
  words: string;
  isCut: boolean;
}

/** The messages that a search finds, as one types; nothing is asked while `typed` is empty. */
export function useFoundRows(address: string | null, typed: string): Listing {
  const door = useDoor();
  const [words, setWords] = useState(typed);
  const isAtRest = useRests(words, REST_MS) && words === typed;
  const limit = isAtRest ? MOST : FIRST;
  const payload = { query: words, ...(address === null ? {} : { address }), limit };
  const search = useQuery<Found>({
    queryKey: ["message_search", payload],
    queryFn: async () => {
      const page = await door.call("message_search", payload);
      return { ...page, words, isCut: page.messages.length === limit };
    },
    enabled: typed !== "" && words !== "",
    placeholderData: (previous) => previous,
  });
  // One question at a time, at once: the newest words wait for the answer that is on its way, and those between are left.
  const { isFetching } = search;
  if (!isFetching && words !== typed) {
    setWords(typed);
  }

  const found = typed === "" ? undefined : search.data;
  usePaintMark("mailroom:found", found === undefined ? null : found.words);
  return {
    id: `search ${found?.words ?? ""}`,
    rows: found?.messages ?? NONE,
    isLoading: found === undefined && search.error === null,
    error: search.error === null ? null : wireOf(search.error),
    hasMore: false,
    loadMore: nothing,
    moreError: null,
    onView: nothing,
    isComplete: found?.complete ?? true,
    isCut: found?.isCut ?? false,
  };
}

const NONE: Listing["rows"] = [];

function nothing(): void {}

/** True once the value has not changed for a while. */
function useRests(value: string, rest: number): boolean {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), rest);
    return () => clearTimeout(timer);
  }, [value, rest]);
  return settled === value;
}
