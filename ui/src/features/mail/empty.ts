import type { AccountView, FolderSummary } from "../../ipc/contract";

/** Why a list has no messages. */
export type EmptyReason = "search" | "searchLoading" | "notKept" | "notYet" | "folder";

interface Facts {
  isSearch: boolean;
  isComplete: boolean;
  folder: Pick<FolderSummary, "chosen" | "synced_at"> | null;
  accounts: readonly Pick<AccountView, "received_at">[];
}

/** Why there is nothing to show: it was not found, is not kept here, has not come yet, or is not there. */
export function emptyReason({ isSearch, isComplete, folder, accounts }: Facts): EmptyReason {
  if (isSearch) {
    return isComplete ? "search" : "searchLoading";
  }
  if (folder !== null && !folder.chosen) {
    return "notKept";
  }
  const neverCame =
    folder === null ? accounts.every(({ received_at }) => received_at === null) : folder.synced_at === null;
  return neverCame ? "notYet" : "folder";
}
