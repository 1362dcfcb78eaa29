import { QueryClient } from "@tanstack/react-query";

/**
 * The cache of replies. The core is on this machine and says what changes, so that nothing grows stale by itself
 * and a refusal is an answer, not a reason to ask again.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        gcTime: 5 * 60_000,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
