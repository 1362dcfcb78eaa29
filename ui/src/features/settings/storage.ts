import type { StorageView } from "../../ipc/contract";

/** One part of what is used. */
export type StoragePart = {
  bytes: number;
  /** Its share of the largest part, 0 to 1. */
  share: number;
} & (
  | { kind: "account"; address: string; messages: number; original: number }
  | { kind: "index" }
  | { kind: "rest" }
);

type Unmeasured<P> = P extends StoragePart ? Omit<P, "share"> : never;

/** What the database is made of: the accounts, the largest first, the index of the search, and the rest. */
export function storageParts(storage: StorageView): StoragePart[] {
  const { accounts, database_bytes: all, index_bytes: index } = storage;
  const kept = accounts.reduce((sum, { kept_bytes: bytes }) => sum + bytes, 0);
  const parts: Unmeasured<StoragePart>[] = [
    ...accounts
      .toSorted((a, b) => b.kept_bytes - a.kept_bytes)
      .map(({ address, messages, original_bytes: original, kept_bytes: bytes }) => ({
        kind: "account" as const,
        address,
        messages,
        original,
        bytes,
      })),
    { kind: "index", bytes: index },
    { kind: "rest", bytes: Math.max(0, all - index - kept) },
  ];
  const largest = Math.max(1, ...parts.map(({ bytes }) => bytes));
  return parts.map((part) => Object.assign(part, { share: part.bytes / largest }));
}
