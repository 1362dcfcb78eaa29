import { useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { AccountView } from "../../ipc/contract";
import type { Command } from "../../shared/commands/command";
import { useCommands } from "../../shared/commands/CommandProvider";
import { asksServers, signOf } from "../../shared/status/sign";
import type { FolderChanges } from "./Sidebar";
import type { AccountFolders } from "./useFolders";
import { isScope } from "./view";
import type { Scope } from "./view";

interface FolderCommands {
  accounts: readonly AccountView[];
  foldersOf: (address: string) => AccountFolders;
  /** What the list shows; `null` when it is no folder. */
  scope: Scope | null;
  changes: FolderChanges;
}

/** What can become of folders, for the palette: a new one in each account, and what concerns the folder that is shown. */
export function useFolderCommands({ accounts, foldersOf, scope, changes }: FolderCommands): void {
  const intl = useIntl();
  const { onAsk, onRead } = changes;
  const reachable = accounts.filter((account) => asksServers(signOf(account)));
  const commands: Command[] = reachable.map(({ address }) => ({
    id: `mail.folder.new ${address}`,
    title: intl.formatMessage({ id: "mail.folder.new" }),
    group: "account",
    ...(accounts.length > 1 ? { hint: address } : {}),
    run: () => onAsk({ what: "create", address, parent: null, from: null }),
  }));
  const address = scope?.address ?? null;
  const line =
    scope === null || address === null
      ? undefined
      : foldersOf(address).lines.find(({ folder }) => isScope(scope, address, folder));
  if (address !== null && line !== undefined) {
    const { folder } = line;
    const name = "id" in line.name ? intl.formatMessage(line.name) : folder.path;
    const isReachable = reachable.some((account) => account.address === address);
    const about = (what: string, title: MessageKey, enabled: boolean, run: () => void): Command => ({
      id: `mail.folder.${what}`,
      title: intl.formatMessage({ id: title }, { folder: name }),
      group: "account",
      enabled,
      run,
    });
    commands.push(
      about("readAll", "mail.do.readFolder", folder.unread > 0, () => onRead(address, line)),
      about("newIn", "mail.do.newFolderIn", isReachable && folder.takes_folders, () =>
        onAsk({ what: "create", address, parent: folder, from: null }),
      ),
      about("rename", "mail.do.renameFolder", isReachable && folder.changeable, () =>
        onAsk({ what: "rename", address, line, from: null }),
      ),
      about("delete", "mail.do.deleteFolder", isReachable && folder.changeable, () =>
        onAsk({ what: "delete", address, line, from: null }),
      ),
    );
  }
  useCommands(commands);
}
