import { Inbox, Menu, Search, SearchX, X } from "lucide-react";
import { useState } from "react";
import type { RefObject } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, FolderSummary, MessageRow } from "../../ipc/contract";
import { Blank, Loading } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { emptyReason } from "./empty";
import { KEYS } from "./keys";
import styles from "./ListPane.module.css";
import { MessageList } from "./MessageList";
import { signOf } from "./sign";
import { SignInSheet } from "./SignInSheet";
import type { Listing } from "./useListing";

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
  selectedId: number | null;
  /** Where a row is, for a list of several accounts or folders. */
  placeOf: (row: MessageRow) => string | null;
  searchField: RefObject<HTMLInputElement | null>;
  onQuery: (query: string) => void;
  onFolders: () => void;
  onChoose: (id: number) => void;
}

/** The messages of a folder or of a search, with the field that searches. */
export function ListPane(props: ListPaneProps) {
  const { title, listing, folder, accounts, address, query, searchField } = props;
  const intl = useIntl();
  const [signingIn, setSigningIn] = useState<AccountView | null>(null);
  const isSearch = query.trim() !== "";
  const troubles = accounts.filter(({ error }) => error !== null);
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
        <div className={styles.field}>
          <Search size={16} aria-hidden />
          <input
            ref={searchField}
            type="search"
            value={query}
            aria-label={intl.formatMessage({ id: "mail.search" })}
            aria-keyshortcuts={KEYS.search}
            aria-describedby="search-help"
            placeholder={
              address === null
                ? intl.formatMessage({ id: "mail.search.all" })
                : intl.formatMessage({ id: "mail.search.in" }, { address })
            }
            onKeyDown={(event) => {
              const [first] = listing.rows;
              if ((event.key === "Enter" || event.key === "ArrowDown") && first !== undefined) {
                event.preventDefault();
                event.currentTarget.blur();
                props.onChoose(first.id);
              }
            }}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => props.onQuery(event.target.value)}
          />
          {query !== "" && (
            <button
              type="button"
              className={styles.clear}
              aria-label={intl.formatMessage({ id: "mail.search.clear" })}
              onClick={() => {
                props.onQuery("");
                searchField.current?.focus();
              }}
            >
              <X size={16} aria-hidden />
            </button>
          )}
        </div>
      </header>
      <p id="search-help" className={styles.help} hidden={!isSearch}>
        <FormattedMessage
          id="mail.search.help"
          values={{
            operators: <code>from: to: subject: has:attachment in: before: after: is:unread is:starred</code>,
          }}
        />
      </p>
      <div role="status" className={styles.notes}>
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
          {account.error !== null && (
            <ErrorNotice error={account.error}>
              {signOf(account) === "sign-in" && (
                <Button look="primary" onClick={() => setSigningIn(account)}>
                  <FormattedMessage id="mail.signIn.do" />
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
      <Content {...props} isSearch={isSearch} />
      {signingIn !== null && <SignInSheet account={signingIn} onClose={() => setSigningIn(null)} />}
    </section>
  );
}

function Content({
  title,
  listing,
  folder,
  accounts,
  selectedId,
  placeOf,
  onChoose,
  isSearch,
}: ListPaneProps & { isSearch: boolean }) {
  const intl = useIntl();
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
    <MessageList
      rows={listing.rows}
      selectedId={selectedId}
      hasMore={listing.hasMore}
      placeOf={placeOf}
      label={title}
      onChoose={onChoose}
      onMore={listing.loadMore}
    />
  );
}
