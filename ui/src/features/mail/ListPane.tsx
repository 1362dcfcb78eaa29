import { Inbox, ListChecks, Menu, SearchX, X } from "lucide-react";
import { useRef, useState } from "react";
import type { DragEvent, RefObject } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, FolderSummary, MessageRow } from "../../ipc/contract";
import { Blank, Loading } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useGo } from "../../shared/place";
import { SignInNote } from "../../shared/status/SignInNote";
import { isQuietSignIn, signInAction, signOf } from "../../shared/status/sign";
import { LocalDrafts } from "../compose";
import { emptyReason } from "./empty";
import { KEYS } from "./keys";
import styles from "./ListPane.module.css";
import { MessageList } from "./MessageList";
import type { RowPress } from "./Row";
import type { RowActions } from "./rowActions";
import { SearchField } from "./SearchField";
import type { Selection } from "./selection";
import { SignInSheet } from "./SignInSheet";
import { Toolbar } from "./Toolbar";
import type { Listing } from "./useListing";
import type { ListPlace } from "./useRowWindow";

interface ListPaneProps {
  title: string;
  listing: Listing;
  /** The folder that is shown, when it is one. */
  folder: FolderSummary | null;
  /** The accounts whose mail is shown. */
  accounts: readonly AccountView[];
  /** The account that a search looks at; all when `null`. */
  address: string | null;
  query: string;
  selection: Selection;
  isMany: boolean;
  actions: RowActions;
  /** Where a row is, for a list of several accounts or folders. */
  placeOf: (row: MessageRow) => string | null;
  /** True for a row that tells to whom it went. */
  tellsRecipients: (row: MessageRow) => boolean;
  searchField: RefObject<HTMLInputElement | null>;
  listRef: RefObject<HTMLDivElement | null>;
  onQuery: (query: string) => void;
  onFolders: () => void;
  onPress: (row: MessageRow, press: RowPress) => void;
  onFirst: () => void;
  onTicking: (isOn: boolean) => void;
  onAll: () => void;
  onDragStart: (row: MessageRow, event: DragEvent) => void;
  onDragEnd: () => void;
}

/** The messages of a folder or of a search, with the field that searches and what is chosen. */
export function ListPane(props: ListPaneProps) {
  const { title, listing, folder, accounts, address, query, searchField, selection, isMany } = props;
  const intl = useIntl();
  const go = useGo();
  const [signingIn, setSigningIn] = useState<AccountView | null>(null);
  const isSearch = query.trim() !== "";
  const troubles = accounts.filter((account) => account.error !== null || isQuietSignIn(signOf(account)));
  return (
    <section className={styles.pane} aria-label={title}>
      <header className={styles.head}>
        <IconButton
          className={styles.menu}
          label={intl.formatMessage({ id: "mail.folders" })}
          onClick={props.onFolders}
        >
          <Menu size={18} aria-hidden />
        </IconButton>
        <SearchField
          query={query}
          address={address}
          field={searchField}
          onQuery={props.onQuery}
          onLeave={props.onFirst}
        />
        <IconButton
          label={intl.formatMessage({ id: "mail.select" })}
          shortcut={KEYS.tick}
          aria-pressed={selection.ticking}
          className={styles.ticking}
          onClick={() => props.onTicking(!selection.ticking)}
        >
          <ListChecks size={18} aria-hidden />
        </IconButton>
      </header>
      {isMany && (
        <div className={styles.many}>
          <p role="status">
            <FormattedMessage id="mail.selected" values={{ count: props.actions.count }} />
          </p>
          <Button look="quiet" onClick={props.onAll}>
            <FormattedMessage id={listing.hasMore ? "mail.selected.loaded" : "mail.selected.all"} />
          </Button>
          <span className={styles.gap} />
          <IconButton
            label={intl.formatMessage({ id: "mail.selected.clear" })}
            shortcut="Escape"
            onClick={() => props.onTicking(false)}
          >
            <X size={16} aria-hidden />
          </IconButton>
          <div className={styles.tools}>
            <Toolbar actions={props.actions} />
          </div>
        </div>
      )}
      <div role="status" className={styles.notes}>
        {!isSearch && typeof folder?.cut_at === "number" && (
          <p>
            <FormattedMessage id="mail.folder.cut" values={{ count: folder.cut_at }} />
          </p>
        )}
        {isSearch && !listing.isLoading && listing.rows.length > 0 && (
          <p>
            <FormattedMessage
              id={listing.isCut ? "mail.search.foundCut" : "mail.search.found"}
              values={{ count: listing.rows.length }}
            />{" "}
            {!listing.isComplete && <FormattedMessage id="mail.search.incomplete" />}
          </p>
        )}
      </div>
      {troubles.map((account) => (
        <div key={account.address} className={styles.trouble}>
          <p className={styles.address}>{account.address}</p>
          {isQuietSignIn(signOf(account)) && (
            <SignInNote account={account}>
              <Button
                look={signOf(account) === "approved" ? "primary" : "plain"}
                onClick={() => setSigningIn(account)}
              >
                <FormattedMessage id={signInAction(signOf(account))} />
              </Button>
            </SignInNote>
          )}
          {account.error !== null && !isQuietSignIn(signOf(account)) && (
            <ErrorNotice error={account.error}>
              {signOf(account) === "sign-in" && (
                <Button look="primary" onClick={() => setSigningIn(account)}>
                  <FormattedMessage id={signInAction(signOf(account))} />
                </Button>
              )}
              {signOf(account) === "waiting" && (
                <Button
                  look="primary"
                  onClick={() => go({ kind: "settings", page: "account", address: account.address })}
                >
                  <FormattedMessage id="mail.approval.open" />
                </Button>
              )}
            </ErrorNotice>
          )}
        </div>
      ))}
      {folder !== null && folder.error !== null && (
        <div className={styles.trouble}>
          <ErrorNotice error={folder.error} />
        </div>
      )}
      {folder?.role === "drafts" && !isSearch && <LocalDrafts account={address} />}
      <Content {...props} isSearch={isSearch} />
      {signingIn !== null && <SignInSheet account={signingIn} onClose={() => setSigningIn(null)} />}
    </section>
  );
}

function Content(props: ListPaneProps & { isSearch: boolean }) {
  const { title, listing, folder, accounts, isSearch } = props;
  const intl = useIntl();
  // Where each list was when it was left. A search has one place for all its words.
  const places = useRef(new Map<string, ListPlace | null>());
  if (listing.error !== null) {
    return (
      <div className={styles.trouble}>
        <ErrorNotice error={listing.error} />
      </div>
    );
  }
  if (listing.isLoading) {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  if (listing.rows.length === 0) {
    const reason = emptyReason({ isSearch, isComplete: listing.isComplete, folder, accounts });
    return (
      <Blank
        icon={isSearch ? <SearchX size={28} aria-hidden /> : <Inbox size={28} aria-hidden />}
        title={intl.formatMessage({ id: `mail.empty.${reason}.title` })}
      >
        <p>
          <FormattedMessage id={`mail.empty.${reason}.help`} />
        </p>
      </Blank>
    );
  }
  return (
    <Placed
      key={listing.id}
      places={places}
      listing={listing}
      selection={props.selection}
      placeOf={props.placeOf}
      tellsRecipients={props.tellsRecipients}
      label={title}
      listRef={props.listRef}
      onPress={props.onPress}
      onDragStart={props.onDragStart}
      onDragEnd={props.onDragEnd}
    />
  );
}

type PlacedProps = Omit<Parameters<typeof MessageList>[0], "place" | "onPlace"> & {
  places: RefObject<Map<string, ListPlace | null>>;
};

/** A list at the place where it was left. */
function Placed({ places, ...list }: PlacedProps) {
  const { id } = list.listing;
  const [place] = useState(() => places.current.get(id) ?? null);
  return <MessageList {...list} place={place} onPlace={(left) => places.current.set(id, left)} />;
}
