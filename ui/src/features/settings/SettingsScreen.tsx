import { ArrowLeft, Bell, HardDrive, Info, KeyRound, Plus, SlidersHorizontal } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { Button, IconButton } from "../../shared/Button";
import { useGo } from "../../shared/place";
import type { SettingsPage } from "../../shared/place";
import { signOf } from "../../shared/status/sign";
import { StateSign } from "../../shared/status/StateSign";
import { AboutPage } from "./AboutPage";
import { AccountPage } from "./AccountPage";
import { GeneralPage } from "./GeneralPage";
import { NotificationsPage } from "./NotificationsPage";
import { RemoveSheet } from "./RemoveSheet";
import { ServicesPage } from "./ServicesPage";
import styles from "./SettingsScreen.module.css";
import { StoragePage } from "./StoragePage";

interface SettingsScreenProps {
  page: SettingsPage;
  /** The account that the page is about, where it is about one. */
  address: string | null;
  /** A folder of it whose files are asked about. */
  folder: string | null;
  /** The part of the page that is asked about. */
  section: "sync" | null;
  accounts: readonly AccountView[];
}

/** The settings: the list of pages, and the page that is open. A narrow window shows one of the two. */
export function SettingsScreen({ page, address, folder, section, accounts }: SettingsScreenProps) {
  const intl = useIntl();
  const go = useGo();
  const account = accounts.find((known) => known.address === address) ?? null;
  // A page without its account, which may just have been removed, is the first page.
  const open = page === "account" && account === null ? "general" : page;
  const [pane, setPane] = useState<"list" | "page">(page === "general" ? "list" : "page");
  const [removed, setRemoved] = useState<AccountView | null>(null);
  const list = useRef<HTMLElement>(null);
  const [cameBack, setCameBack] = useState(0);
  useEffect(() => {
    // Only in a narrow window, where the page with the focus has gone.
    if (cameBack > 0) {
      list.current?.querySelector<HTMLElement>("[aria-current]")?.focus();
    }
  }, [cameBack]);
  const toList = () => {
    setPane("list");
    setCameBack((times) => times + 1);
  };
  const leave = () => go({ kind: "mail", address: null });
  const show = (next: SettingsPage, about?: string) => {
    setPane("page");
    go({ kind: "settings", page: next, ...(about === undefined ? {} : { address: about }) });
  };

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !isTaken(event.target)) {
        go({ kind: "mail", address: null });
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [go]);

  const item = (to: SettingsPage, icon: ReactNode, words: ReactNode) => (
    <li>
      <button
        type="button"
        className={styles.item}
        aria-current={open === to ? "page" : undefined}
        onClick={() => show(to)}
      >
        {icon}
        {words}
      </button>
    </li>
  );

  return (
    <div className={styles.settings} data-pane={pane}>
      <nav ref={list} className={styles.nav} aria-label={intl.formatMessage({ id: "settings.title" })}>
        <header className={styles.navHead}>
          <IconButton
            label={intl.formatMessage({ id: accounts.length > 0 ? "settings.back" : "settings.backSetup" })}
            shortcut="Esc"
            onClick={leave}
          >
            <ArrowLeft size={18} aria-hidden />
          </IconButton>
          <p className={styles.navTitle}>
            <FormattedMessage id="settings.title" />
          </p>
        </header>
        <ul>
          {item(
            "general",
            <SlidersHorizontal size={16} aria-hidden />,
            <FormattedMessage id="settings.general" />,
          )}
          {item(
            "notifications",
            <Bell size={16} aria-hidden />,
            <FormattedMessage id="settings.notifications" />,
          )}
        </ul>
        <h2 className={styles.navGroup}>
          <FormattedMessage id="settings.accounts" />
        </h2>
        <ul>
          {accounts.map((known) => (
            <li key={known.address}>
              <button
                type="button"
                className={styles.item}
                title={known.address}
                aria-current={open === "account" && known === account ? "page" : undefined}
                onClick={() => show("account", known.address)}
              >
                <StateSign sign={signOf(known)} />
                <span className={styles.itemWords}>{known.name}</span>
              </button>
            </li>
          ))}
          <li>
            <button type="button" className={styles.item} onClick={() => go({ kind: "setup" })}>
              <Plus size={16} aria-hidden />
              <FormattedMessage id="settings.addAccount" />
            </button>
          </li>
        </ul>
        <h2 className={styles.navGroup}>
          <FormattedMessage id="settings.program" />
        </h2>
        <ul>
          {item("services", <KeyRound size={16} aria-hidden />, <FormattedMessage id="settings.services" />)}
          {item("storage", <HardDrive size={16} aria-hidden />, <FormattedMessage id="settings.storage" />)}
          {item("about", <Info size={16} aria-hidden />, <FormattedMessage id="settings.about" />)}
        </ul>
      </nav>
      {/* Another page begins at its top. */}
      <main
        key={`${open} ${account?.address ?? ""} ${folder ?? ""} ${section ?? ""}`}
        className={styles.main}
      >
        <Button look="quiet" className={styles.toList} onClick={toList}>
          <ArrowLeft size={16} aria-hidden />
          <FormattedMessage id="settings.toList" />
        </Button>
        <OpenPage
          page={open}
          account={account}
          accounts={accounts}
          folder={folder}
          section={section}
          onRemove={setRemoved}
        />
      </main>
      {removed !== null && <RemoveSheet account={removed} onClose={() => setRemoved(null)} />}
    </div>
  );
}

function OpenPage({
  page,
  account,
  accounts,
  folder,
  section,
  onRemove,
}: {
  page: SettingsPage;
  account: AccountView | null;
  accounts: readonly AccountView[];
  folder: string | null;
  section: "sync" | null;
  onRemove: (account: AccountView) => void;
}) {
  switch (page) {
    case "general":
      return <GeneralPage />;
    case "notifications":
      return <NotificationsPage accounts={accounts} />;
    case "account":
      return account === null ? null : (
        <AccountPage
          account={account}
          accounts={accounts}
          folder={folder}
          section={section}
          onRemove={() => onRemove(account)}
        />
      );
    case "storage":
      return <StoragePage />;
    case "services":
      return <ServicesPage />;
    case "about":
      return <AboutPage />;
  }
}

/** True where Escape belongs to a field or to a sheet. */
function isTaken(target: EventTarget | null): boolean {
  return (
    document.querySelector("[role=dialog], [role=alertdialog]") !== null ||
    (target instanceof HTMLElement &&
      (target.isContentEditable ||
        target.matches("input:not([type=checkbox], [type=radio]), select, textarea")))
  );
}
