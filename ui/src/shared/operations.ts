import type { OperationView } from "../ipc/contract";

/** Changes by whether they are still on their way to the server. */
export interface SortedOperations<T> {
  waiting: T[];
  /** The server said no, and they were undone here. */
  refused: T[];
}

/** Tells changes that wait from those that the server refused. */
export function sortedOperations<T extends Pick<OperationView, "state">>(
  operations: readonly T[],
): SortedOperations<T> {
  const isRefused = ({ state }: T) => state === "refused";
  return {
    waiting: operations.filter((operation) => !isRefused(operation)),
    refused: operations.filter(isRefused),
  };
}
