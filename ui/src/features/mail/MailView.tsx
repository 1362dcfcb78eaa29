import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, MessageRow, MessageView } from "../../ipc/contract";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import { deletesForGood, moveTargets } from "./folders";
import type { FolderLine } from "./folders";
import { actionOf, takesKeys } from "./keys";
import { ListPane } from "./ListPane";
import styles from "./MailView.module.css";
import { MoveSheet } from "./MoveSheet";
import { ReadingPane } from "./ReadingPane";
import { FLAGGED, SEEN, afterRemoval, has, neighbour } from "./rows";
import { Sidebar } from "./Sidebar";
import type { Commands } from "./Toolbar";
import { useActions } from "./useActions";
import { useFolders } from "./useFolders";
import { useListing } from "./useListing";
import { isScope, nextView, startView } from "./view";

interface MailViewProps {
  accounts: readonly AccountView[];
  /** The account to begin with; all when `null`. */
  startAt: string | null;
  onAddAccount: () => void;
}

/** The mail of every account: folders, messages, and the message that is read. */
export function MailView({ accounts, startAt, onAddAccount }: MailViewProps) {
  const intl = useIntl();
  const [view, send] = useReducer(
    nextView,
    startAt === null ? accounts.map(({ address }) => address) : [startAt],
    startView,
  );
  const { scope, query, messageId, pane } = view;
  const listing = useListing(scope, query);
  const foldersOf = useFolders(accounts);
  const actions = useActions();
  const searchField = useRef<HTMLInputElement>(null);
  const [asked, setAsked] = useState<{ what: "move" | "delete"; row: MessageRow } | null>(null);

  const row = listing.rows.find(({ id }) => id === messageId) ?? null;
  const lineOf = (address: string) => foldersOf(address).lines;
  const current =
    scope.address === null
      ? null
      : (lineOf(scope.address).find(({ folder }) => isScope(scope, scope.address ?? "", folder)) ?? null);
  const nameOf = ({ name }: FolderLine) => ("id" in name ? intl.formatMessage(name) : name.text);
  const title =
    current === null
      ? intl.formatMessage({ id: scope.address === null ? "mail.folder.allInboxes" : "mail.folder.inbox" })
      : nameOf(current);
  const placeOf = ({ account, folder }: MessageRow) => {
    if (query.trim() === "") {
      return scope.address === null && accounts.length > 1 ? account : null;
    }
    const line = lineOf(account).find((known) => known.folder.path === folder);
    return line === undefined ? folder : nameOf(line);
  };

  const leave = (gone: MessageRow) =>
    send({ event: "message_left", next: afterRemoval(listing.rows, gone.id) });
  const moveTo = (moved: MessageRow, folder: string) => {
    leave(moved);
    actions.move(moved, folder);
  };
  const remove = (gone: MessageRow) => {
    leave(gone);
    actions.remove(gone);
  };
  /** Moves to the account's folder with this role; `null` where there is none or the message is in it. */
  const moveToRole = (role: "archive" | "junk") => {
    const target = row === null ? undefined : lineOf(row.account).find((line) => line.role === role);
    return row === null || target === undefined || target.folder.path === row.folder
      ? null
      : () => moveTo(row, role);
  };
  const toggle = (flag: string) => () => {
    if (row !== null) {
      const isSet = has(row, flag);
      actions.mark(row, isSet ? [] : [flag], isSet ? [flag] : []);
    }
  };
  const commands: Commands = {
    archive: moveToRole("archive"),
    junk: moveToRole("junk"),
    remove: () => {
      if (row !== null && deletesForGood(foldersOf(row.account).folders, row.folder)) {
        setAsked({ what: "delete", row });
      } else if (row !== null) {
        remove(row);
      }
    },
    move: () => row !== null && setAsked({ what: "move", row }),
    star: toggle(FLAGGED),
    unread: toggle(SEEN),
  };
  const go = (step: number) => {
    const id = neighbour(listing.rows, messageId, step);
    if (id !== null) {
      send({ event: "message_chosen", id });
    }
  };

  const press = (event: KeyboardEvent, isTyping: boolean) => {
    const action = asked !== null || event.defaultPrevented ? null : actionOf(event, isTyping);
    if (action === null) {
      return;
    }
    event.preventDefault();
    switch (action) {
      case "next":
        return go(1);
      case "previous":
        return go(-1);
      case "first":
        return go(-listing.rows.length);
      case "last":
        return go(listing.rows.length);
      case "archive":
        return commands.archive?.();
      case "delete":
        return commands.remove();
      case "junk":
        return commands.junk?.();
      case "star":
        return commands.star();
      case "unread":
        return commands.unread();
      case "move":
        return commands.move();
      case "search":
        return searchField.current?.focus();
      case "close":
        searchField.current?.blur();
        return send({ event: "closed" });
    }
  };
  // The listeners stay; what they do is that of the last drawing.
  const pressed = useRef(press);
  useEffect(() => {
    pressed.current = press;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => pressed.current(event, takesKeys(document.activeElement));
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  const onFrameKey = useCallback((event: KeyboardEvent) => pressed.current(event, false), []);

  const { mark } = actions;
  const markNow = useRef(mark);
  useEffect(() => {
    markNow.current = mark;
  });
  const onOpened = useCallback((message: MessageView) => {
    if (message.row !== null && !has(message.row, SEEN)) {
      markNow.current(message.row, [SEEN], []);
    }
  }, []);

  return (
    <main className={styles.mail} data-pane={pane}>
      <div className={styles.folders}>
        <Sidebar
          accounts={accounts}
          foldersOf={foldersOf}
          scope={scope}
          onScope={(chosen) => send({ event: "folder_chosen", scope: chosen })}
          onAddAccount={onAddAccount}
        />
      </div>
      <div className={styles.veil} aria-hidden="true" onClick={() => send({ event: "closed" })} />
      <div className={styles.messages}>
        <ListPane
          title={title}
          listing={listing}
          folder={current?.folder ?? null}
          accounts={accounts.filter(({ address }) => scope.address === null || scope.address === address)}
          address={scope.address}
          query={query}
          selectedId={messageId}
          placeOf={placeOf}
          searchField={searchField}
          onQuery={(typed) => send({ event: "query_typed", query: typed })}
          onFolders={() => send({ event: "folders_opened" })}
          onChoose={(id) => send({ event: "message_chosen", id })}
        />
      </div>
      <div className={styles.reading}>
        {actions.trouble !== null && (
          <div className={styles.trouble}>
            <ErrorNotice error={actions.trouble}>
              <Button onClick={actions.forgetTrouble}>
                <FormattedMessage id="app.close" />
              </Button>
            </ErrorNotice>
          </div>
        )}
        <ReadingPane
          id={messageId}
          commands={commands}
          onBack={() => send({ event: "closed" })}
          onOpened={onOpened}
          onKey={onFrameKey}
        />
      </div>
      {asked?.what === "move" && (
        <MoveSheet
          targets={moveTargets(lineOf(asked.row.account), asked.row.folder)}
          onMove={(path) => {
            setAsked(null);
            moveTo(asked.row, path);
          }}
          onClose={() => setAsked(null)}
        />
      )}
      {asked?.what === "delete" && (
        <Sheet
          isQuestion
          title={intl.formatMessage({ id: "mail.forGood.title" })}
          onClose={() => setAsked(null)}
        >
          <p>
            <FormattedMessage id="mail.forGood.help" values={{ subject: asked.row.subject }} />
          </p>
          <div className={styles.answers}>
            <Button
              look="danger"
              onClick={() => {
                setAsked(null);
                remove(asked.row);
              }}
            >
              <FormattedMessage id="mail.forGood.yes" />
            </Button>
            <Button onClick={() => setAsked(null)}>
              <FormattedMessage id="mail.forGood.no" />
            </Button>
          </div>
        </Sheet>
      )}
    </main>
  );
}
