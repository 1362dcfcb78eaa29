import {
  ChevronDown,
  ChevronRight,
  Command,
  FolderPlus,
  PenLine,
  Plus,
  RefreshCw,
  Settings,
} from "lucide-react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Button, IconButton } from "../../shared/Button";
import { useCommandSheets } from "../../shared/commands/CommandProvider";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import hidden from "../../shared/hidden.module.css";
import { useGo } from "../../shared/place";
import { asksServers, signName, signOf } from "../../shared/status/sign";
import { SilenceMark } from "../../shared/status/Silence";
import { StateSign } from "../../shared/status/StateSign";
import { useOutboxCount } from "../compose";
import type { DropOutcome } from "./dragging";
import type { FolderAsk } from "./folderChange";
import { FolderItem } from "./FolderItem";
import type { FolderDeeds } from "./FolderMenu";
import type { FolderLine, Placing } from "./folders";
import { KEYS } from "./keys";
import styles from "./Sidebar.module.css";
import { SignInSheet } from "./SignInSheet";
import { StatusSheet } from "./StatusSheet";
import { SyncProgress } from "./SyncProgress";
import type { Check } from "./useCheck";
import type { AccountFolders } from "./useFolders";
import { ALL_INBOXES, isScope } from "./view";
import type { Scope } from "./view";
import { WaitingBar } from "./WaitingBar";

/** What the sidebar has to know of rows that are dragged. */
export interface Dropping {
  outcomeOver: (placing: Placing, address: string, path: string) => DropOutcome;
  onOver: (outcome: DropOutcome | null) => void;
  onDrop: (path: string, name: string, outcome: DropOutcome) => void;
}

/** What becomes of folders. */
export interface FolderChanges {
  /** Puts the question about one. */
  onAsk: (asked: FolderAsk) => void;
  onRead: (address: string, line: FolderLine) => void;
}

interface SidebarProps {
  accounts: readonly AccountView[];
  foldersOf: (address: string) => AccountFolders;
  scope: Scope;
  isOutbox: boolean;
  check: Check;
  /** Accounts whose folders are folded away. */
  closed: readonly string[];
  dropping: Dropping;
  changes: FolderChanges;
  onClosed: (closed: string[]) => void;
  onScope: (scope: Scope) => void;
  onOutbox: () => void;
  onWrite: () => void;
  onAddAccount: () => void;
}

/** The accounts with their folders, what waits, and how far the loading is. */
export function Sidebar(props: SidebarProps) {
  const { accounts, foldersOf, scope, isOutbox, check, closed, onScope } = props;
  const intl = useIntl();
  const go = useGo();
  const openSheet = useCommandSheets();
  const outbox = useOutboxCount();
  const silent = useUnprovedSilences();
  const unread = accounts.reduce((sum, { address }) => sum + inboxUnread(foldersOf(address)), 0);

  return (
    <div className={styles.sidebar}>
      <header className={styles.head}>
        <h1>Mailroom</h1>
        <IconButton
          label={intl.formatMessage({ id: "commands.palette" })}
          shortcut="Mod+K"
          onClick={() => openSheet("palette")}
        >
          <Command size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={intl.formatMessage({ id: check.isRunning ? "mail.sync.checking" : "mail.sync.check" })}
          shortcut="Mod+Shift+M"
          aria-disabled={check.isRunning}
          className={check.isRunning ? styles.turning : ""}
          onClick={() => check.run()}
        >
          <RefreshCw size={16} aria-hidden />
        </IconButton>
      </header>
      <div className={styles.writing}>
        <Button
          look="primary"
          className={styles.write}
          aria-keyshortcuts={KEYS.write.toUpperCase()}
          onClick={props.onWrite}
        >
          <PenLine size={16} aria-hidden />
          <FormattedMessage id="mail.write" />
        </Button>
      </div>
      <nav className={styles.accounts} aria-label={intl.formatMessage({ id: "mail.folders" })}>
        <ul>
          {accounts.length > 1 && (
            <FolderItem
              name={intl.formatMessage({ id: "mail.folder.allInboxes" })}
              purpose="inbox"
              depth={0}
              unread={unread}
              isCurrent={!isOutbox && scope.address === null}
              onChoose={() => onScope(ALL_INBOXES)}
            />
          )}
          {(outbox.waiting > 0 || isOutbox) && (
            <FolderItem
              name={intl.formatMessage({ id: "mail.outbox" })}
              purpose="outbox"
              depth={0}
              unread={0}
              count={outbox.waiting}
              hasError={outbox.failed > 0}
              errorLabel={intl.formatMessage({ id: "mail.outbox.trouble" }, { count: outbox.failed })}
              isCurrent={isOutbox}
              onChoose={props.onOutbox}
            />
          )}
        </ul>
        {accounts.map((account) => (
          <AccountSection
            key={account.address}
            account={account}
            folders={foldersOf(account.address)}
            scope={isOutbox ? null : scope}
            isClosed={closed.includes(account.address)}
            canClose={accounts.length > 1}
            dropping={props.dropping}
            changes={props.changes}
            check={check}
            isSilent={silent.has(account.address)}
            onScope={onScope}
            onClosed={(isClosed) =>
              props.onClosed(
                isClosed
                  ? [...closed, account.address]
                  : closed.filter((address) => address !== account.address),
              )
            }
          />
        ))}
      </nav>
      <footer className={styles.foot}>
        {check.error !== null && <ErrorNotice error={wireOf(check.error)} />}
        <WaitingBar />
        <SyncProgress accounts={accounts} foldersOf={foldersOf} />
        <div className={styles.last}>
          <Button look="quiet" className={styles.add} onClick={props.onAddAccount}>
            <Plus size={16} aria-hidden />
            <FormattedMessage id="mail.addAccount" />
          </Button>
          <IconButton
            label={intl.formatMessage({ id: "mail.settings" })}
            shortcut="Mod+,"
            onClick={() => go({ kind: "settings", page: "general" })}
          >
            <Settings size={18} aria-hidden />
          </IconButton>
        </div>
      </footer>
    </div>
  );
}

/** The accounts whose silence nobody could look into. */
function useUnprovedSilences(): ReadonlySet<string> {
  const status = useCommandQuery("status_get", {}).data;
  const silent = status?.accounts.filter(({ silence }) => silence !== null && silence.error !== null) ?? [];
  return new Set(silent.map(({ account }) => account.address));
}

function inboxUnread({ lines }: AccountFolders): number {
  return lines.reduce((sum, { folder, role }) => sum + (role === "inbox" ? folder.unread : 0), 0);
}

interface SectionProps {
  account: AccountView;
  folders: AccountFolders;
  /** What the list shows; `null` when it is none of the folders. */
  scope: Scope | null;
  isClosed: boolean;
  canClose: boolean;
  dropping: Dropping;
  changes: FolderChanges;
  check: Check;
  /** It has been silent for unusually long, and no connection could be opened to look why. */
  isSilent: boolean;
  onScope: (scope: Scope) => void;
  onClosed: (isClosed: boolean) => void;
}

function AccountSection(props: SectionProps) {
  const { account, folders, scope, canClose, dropping, changes, check, onScope, onClosed } = props;
  const isClosed = canClose && props.isClosed;
  const intl = useIntl();
  const go = useGo();
  const [sheet, setSheet] = useState<"status" | "signIn" | null>(null);
  const { address } = account;
  const name = account.name.trim() || address;
  const sign = signOf(account);
  const unread = inboxUnread(folders);
  const state = intl.formatMessage({ id: signName(sign) });
  const canAsk = asksServers(sign);
  const create = (from: HTMLElement | null) => changes.onAsk({ what: "create", address, parent: null, from });
  const deedsOf = (line: FolderLine): FolderDeeds => {
    const { folder } = line;
    const canChange = canAsk && folder.changeable;
    return {
      check: canAsk && !check.isRunning ? () => check.run(address) : null,
      markRead: folder.unread > 0 ? () => changes.onRead(address, line) : null,
      create: canAsk ? create : null,
      createIn:
        canAsk && folder.takes_folders
          ? (from) => changes.onAsk({ what: "create", address, parent: folder, from })
          : null,
      rename: canChange ? (from) => changes.onAsk({ what: "rename", address, line, from }) : null,
      remove: canChange ? (from) => changes.onAsk({ what: "delete", address, line, from }) : null,
      files: () => go({ kind: "settings", page: "account", address, folder: folder.path }),
      sync: () => go({ kind: "settings", page: "account", address, section: "sync" }),
    };
  };
  return (
    <section aria-label={address}>
      <div className={styles.account}>
        {canClose ? (
          <h2 className={styles.heading}>
            <button
              type="button"
              className={styles.closer}
              aria-expanded={!isClosed}
              title={address}
              onClick={() => onClosed(!isClosed)}
            >
              {isClosed ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
              <span className={styles.address}>{name}</span>
              {isClosed && unread > 0 && (
                <span className={styles.unread}>
                  <span aria-hidden="true">{intl.formatNumber(unread)}</span>
                  <span className={hidden.text}>
                    <FormattedMessage id="mail.folder.unread" values={{ count: unread }} />
                  </span>
                </span>
              )}
            </button>
          </h2>
        ) : (
          <h2 className={styles.heading} title={address}>
            <span className={styles.address}>{name}</span>
          </h2>
        )}
        {props.isSilent && <SilenceMark />}
        {canAsk && (
          <IconButton
            label={intl.formatMessage({ id: "mail.folder.newAt" }, { address })}
            className={styles.newFolder}
            onClick={(event) => create(event.currentTarget)}
          >
            <FolderPlus size={16} aria-hidden />
          </IconButton>
        )}
        <button
          type="button"
          className={styles.state}
          title={state}
          aria-label={intl.formatMessage({ id: "mail.status.open" }, { address, state })}
          onClick={() => setSheet("status")}
        >
          <StateSign sign={sign} />
        </button>
      </div>
      {!account.setup_done && (
        <Button look="quiet" className={styles.finish} onClick={() => go({ kind: "setup", resume: address })}>
          <FormattedMessage id="mail.finishSetup" />
        </Button>
      )}
      {!isClosed && (
        <>
          {folders.error !== null && <ErrorNotice error={folders.error} />}
          {folders.lines.length === 0 && folders.error === null && (
            <p className={styles.none}>
              {intl.formatMessage({ id: folders.isLoading ? "app.loading" : "mail.folders.none" })}
            </p>
          )}
          <ul>
            {folders.lines.map((line) => {
              const { folder, role, depth } = line;
              const title = "id" in line.name ? intl.formatMessage(line.name) : line.name.text;
              return (
                <FolderItem
                  key={folder.id}
                  name={title}
                  purpose={role}
                  depth={depth}
                  unread={role === "trash" || role === "junk" || role === "sent" ? 0 : folder.unread}
                  isHolder={!folder.selectable}
                  hasError={folder.error !== null}
                  isCurrent={scope !== null && isScope(scope, address, folder)}
                  onChoose={() => onScope({ address, folder: folder.path })}
                  deeds={deedsOf(line)}
                  outcome={(placing) => dropping.outcomeOver(placing, address, folder.path)}
                  onOver={dropping.onOver}
                  onDrop={(outcome) => dropping.onDrop(folder.path, title, outcome)}
                />
              );
            })}
          </ul>
        </>
      )}
      {sheet === "status" && (
        <StatusSheet
          address={address}
          check={check}
          onSignIn={() => setSheet("signIn")}
          onClose={() => setSheet(null)}
        />
      )}
      {sheet === "signIn" && <SignInSheet account={account} onClose={() => setSheet(null)} />}
    </section>
  );
}
