import type { AccountView, FolderSummary, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQueries } from "../../ipc/query";
import { folderLines } from "./folders";
import type { FolderLine } from "./folders";

/** What is known of an account's folders. */
export interface AccountFolders {
  folders: readonly FolderSummary[];
  /** The same in the order of the sidebar. */
  lines: readonly FolderLine[];
  isLoading: boolean;
  error: WireError | null;
}

const UNKNOWN: AccountFolders = { folders: [], lines: [], isLoading: true, error: null };

/** The folders of every account as they are known here; nobody on the network is asked. */
export function useFolders(
  accounts: readonly Pick<AccountView, "address">[],
): (address: string) => AccountFolders {
  const replies = useCommandQueries(
    "folder_list",
    accounts.map(({ address }) => ({ address, refresh: false })),
  );
  const known = new Map<string, AccountFolders>();
  accounts.forEach(({ address }, index) => {
    const reply = replies[index];
    if (reply !== undefined) {
      const folders = reply.data ?? [];
      known.set(address, {
        folders,
        lines: folderLines(folders),
        isLoading: reply.isPending,
        error: reply.error === null ? null : wireOf(reply.error),
      });
    }
  });
  return (address) => known.get(address) ?? UNKNOWN;
}
