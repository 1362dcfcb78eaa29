import { Plus, RefreshCw } from "lucide-react";
import { useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { FolderItem } from "./FolderItem";
import styles from "./Sidebar.module.css";
import { signOf } from "./sign";
import { StateSign } from "./StateSign";
import { SyncProgress } from "./SyncProgress";
import type { AccountFolders } from "./useFolders";
import { ALL_INBOXES, isScope } from "./view";
import type { Scope } from "./view";
import { WaitingBar } from "./WaitingBar";

interface SidebarProps {
  accounts: readonly AccountView[];
  foldersOf: (address: string) => AccountFolders;
  scope: Scope;
  onScope: (scope: Scope) => void;
  onAddAccount: () => void;
}

/** The accounts with their folders, what waits, and how far the loading is. */
export function Sidebar({ accounts, foldersOf, scope, onScope, onAddAccount }: SidebarProps) {
  const intl = useIntl();
  const check = useCommandMutation("sync_run");
  const unread = accounts
    .flatMap(({ address }) => foldersOf(address).lines)
    .reduce((sum, { folder, role }) => sum + (role === "inbox" ? folder.unread : 0), 0);

  return (
    <div className={styles.sidebar}>
      <header className={styles.head}>
        <h1>Mailroom</h1>
        <IconButton
          label={intl.formatMessage({ id: check.isPending ? "mail.sync.checking" : "mail.sync.check" })}
          disabled={check.isPending}
          className={check.isPending ? styles.turning : ""}
          onClick={() => check.mutate({})}
        >
          <RefreshCw size={16} aria-hidden />
        </IconButton>
      </header>
      <nav className={styles.accounts} aria-label={intl.formatMessage({ id: "mail.folders" })}>
        {accounts.length > 1 && (
          <ul>
            <FolderItem
              name={intl.formatMessage({ id: "mail.folder.allInboxes" })}
              purpose="inbox"
              depth={0}
              unread={unread}
              isCurrent={scope.address === null}
              onChoose={() => onScope(ALL_INBOXES)}
            />
          </ul>
        )}
        {accounts.map((account) => (
          <AccountSection
            key={account.address}
            account={account}
            folders={foldersOf(account.address)}
            scope={scope}
            onScope={onScope}
          />
        ))}
      </nav>
      <footer className={styles.foot}>
        {check.error !== null && <ErrorNotice error={wireOf(check.error)} />}
        <WaitingBar />
        <SyncProgress accounts={accounts} foldersOf={foldersOf} />
        <Button look="quiet" className={styles.add} onClick={onAddAccount}>
          <Plus size={16} aria-hidden />
          {intl.formatMessage({ id: "mail.addAccount" })}
        </Button>
      </footer>
    </div>
  );
}

interface SectionProps {
  account: AccountView;
  folders: AccountFolders;
  scope: Scope;
  onScope: (scope: Scope) => void;
}

function AccountSection({ account, folders, scope, onScope }: SectionProps) {
  const intl = useIntl();
  const { address } = account;
  return (
    <section aria-label={address}>
      <h2 className={styles.account}>
        <StateSign sign={signOf(account)} />
        <span className={styles.address} title={address}>
          {address}
        </span>
      </h2>
      {folders.error !== null && <ErrorNotice error={folders.error} />}
      {folders.lines.length === 0 && folders.error === null && (
        <p className={styles.none}>
          {intl.formatMessage({ id: folders.isLoading ? "app.loading" : "mail.folders.none" })}
        </p>
      )}
      <ul>
        {folders.lines.map(({ folder, name, role, depth }) => (
          <FolderItem
            key={folder.id}
            name={"id" in name ? intl.formatMessage(name) : name.text}
            purpose={role}
            depth={depth}
            unread={role === "trash" || role === "junk" || role === "sent" ? 0 : folder.unread}
            isHolder={!folder.selectable}
            hasError={folder.error !== null}
            isCurrent={isScope(scope, address, folder)}
            onChoose={() => onScope({ address, folder: folder.path })}
          />
        ))}
      </ul>
    </section>
  );
}
