import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { CSSProperties } from "react";
import { useIntl } from "react-intl";

import type { AccountView, MessageRow } from "../../ipc/contract";
import { Ask } from "../../shared/Ask";
import { useKeyPress } from "../../shared/commands/CommandProvider";
import { useSettings } from "../../shared/settings/useSettings";
import { ComposerPane, OutboxPane, useCompose } from "../compose";
import type { FolderAsk } from "./folderChange";
import { FolderChangeSheet } from "./FolderChangeSheet";
import { FolderQuestion } from "./FolderQuestion";
import type { FolderLine, Placing } from "./folders";
import { LIMITS, useKept } from "./kept";
import { ListPane } from "./ListPane";
import styles from "./MailView.module.css";
import type { Reading } from "./Message";
import { ReadingPane } from "./ReadingPane";
import type { RowPress } from "./Row";
import { copyRows, keysOf, lineOfRow, moveRows, removeRows, rowActions } from "./rowActions";
import type { Answers, Asked } from "./rowActions";
import { SEEN, isOwn, keyOf, ownAddresses, tellsRecipients } from "./rows";
import { NOTHING, afterRemoval, all, extended, only, readKey, stepped, ticking, toggled } from "./selection";
import type { Selection } from "./selection";
import { Sidebar } from "./Sidebar";
import type { Dropping, FolderChanges } from "./Sidebar";
import { Splitter } from "./Splitter";
import { useActions } from "./useActions";
import type { Pending } from "./useActions";
import { useCheck } from "./useCheck";
import { useDeskRequests, useLooking } from "./useDeskRequests";
import { useDragging } from "./useDragging";
import { useFolderCommands } from "./useFolderCommands";
import { useFolders } from "./useFolders";
import { useListing } from "./useListing";
import { useMailCommands } from "./useMailCommands";
import { isScope, nextView, startView } from "./view";
import type { Scope } from "./view";

interface MailViewProps {
  accounts: readonly AccountView[];
  /** The account to begin with; all when `null`. */
  startAt: string | null;
  onAddAccount: () => void;
}

/** The mail of every account: folders, messages, and the message that is read. */
export function MailView({ accounts, startAt, onAddAccount }: MailViewProps) {
  const intl = useIntl();
  const { settings } = useSettings();
  const compose = useCompose();
  const onKey = useKeyPress();
  const [view, send] = useReducer(
    nextView,
    startAt === null ? accounts.map(({ address }) => address) : [startAt],
    startView,
  );
  const { scope, query, selection, pane, isOutbox } = view;
  const [pending] = useState<Pending>(() => new Set());
  const listing = useListing(scope, query, settings.threads, pending);
  const { rows } = listing;
  const foldersOf = useFolders(accounts);
  const actions = useActions(pending);
  const check = useCheck();
  const [kept, keep] = useKept();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [folderAsk, setFolderAsk] = useState<FolderAsk | null>(null);
  const asker = useRef<HTMLElement | null>(null);
  useEffect(() => {
    // The menu in which it was chosen is gone: its folder has the focus again.
    if (folderAsk === null) {
      asker.current?.focus();
    }
    asker.current = folderAsk?.from ?? null;
  }, [folderAsk]);
  const [answered, setAnswered] = useState<number | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const listRef = useRef<HTMLDivElement>(null);
  // The row with the focus, or the button that was pressed, may go with what left the list.
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left > 0) {
      listRef.current?.focus();
    }
  }, [left]);
  const { wanted } = useDeskRequests(settings.threads, send);

  useLooking(isOutbox ? null : scope);

  const select = (next: Selection, opens = false) => send({ event: "selected", selection: next, opens });
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
  const placeOf = (row: MessageRow) => {
    if (query.trim() === "") {
      return scope.address === null && accounts.length > 1 ? row.account : null;
    }
    const line = lineOfRow(row, foldersOf);
    return line === null ? row.folder : nameOf(line);
  };

  const own = useMemo(() => ownAddresses(accounts), [accounts]);

  // What is chosen, and the one row that is read.
  const isMany = selection.ticking || selection.keys.size > 1;
  const read = readKey(selection);
  const chosen = useMemo(() => chosenRows(rows, selection, wanted), [rows, selection, wanted]);
  const row = read === null ? null : (chosen[0] ?? null);
  const focused =
    selection.focus === null ? undefined : rows.find((known) => keyOf(known) === selection.focus);
  const acted = isMany || row !== null ? chosen : focused === undefined ? [] : [focused];

  const options = {
    intl,
    actions,
    foldersOf,
    onLeave: (gone: readonly MessageRow[]) => {
      const next = afterRemoval(keysOf(rows), new Set(keysOf(gone)));
      send({ event: "rows_left", next, opens: row !== null });
      setLeft((count) => count + 1);
    },
    onUndone: (back: readonly MessageRow[]) => {
      const keys = keysOf(back);
      const [key] = keys;
      if (back.length === 1 && key !== undefined) {
        select(only(key));
      } else {
        select({ ...NOTHING, keys: new Set(keys), focus: key ?? null, anchor: key ?? null });
      }
    },
    onAsk: setAsked,
  };
  const acts = rowActions({ ...options, rows: acted });
  const place = (placing: Placing, placed: readonly MessageRow[], path: string, name: string) => {
    if (placing === "move") {
      moveRows(options, placed, path, { folder: name });
    } else {
      copyRows(options, placed, path, name);
    }
  };

  const { open: openCompose, close: closeCompose, isOpen: isComposing } = compose;
  const answersOf = useCallback(
    (id: number): Answers => ({
      reply: () => openCompose({ kind: "reply", message: id }),
      replyAll: () => openCompose({ kind: "reply_all", message: id }),
      forward: () => openCompose({ kind: "forward", message: id }),
    }),
    [openCompose],
  );
  const answers = isMany || answered === null || isComposing ? null : answersOf(answered);
  const write = () =>
    openCompose(scope.address === null ? { kind: "new" } : { kind: "new", from: scope.address });
  const isDraft = (known: { account: string; folder: string }) =>
    lineOfRow(known, foldersOf)?.role === "drafts";

  const press = (pressed: MessageRow, how: RowPress) => {
    const key = keyOf(pressed);
    listRef.current?.focus({ preventScroll: true });
    if (how === "range") {
      select(extended(selection, keysOf(rows), key));
    } else if (how === "one-more" || (how === "plain" && selection.ticking)) {
      select(toggled(selection, key));
    } else if (how === "tick") {
      select(selection.ticking ? toggled(selection, key) : { ...toggled(NOTHING, key), ticking: true });
    } else {
      openRow(pressed);
    }
  };
  const openRow = (opened: MessageRow) => {
    select(only(keyOf(opened)), true);
    if (isDraft(opened)) {
      openCompose({ kind: "message", message: opened.id });
    } else if (isComposing) {
      closeCompose();
    }
  };
  // The rows ask for the same functions at every drawing, so that those that did not change are not drawn anew.
  const latest = useRef({ press, placeOf });
  useEffect(() => {
    latest.current = { press, placeOf };
  });
  const onPress = useCallback((pressed: MessageRow, how: RowPress) => latest.current.press(pressed, how), []);

  const dragged = useDragging({
    rows,
    selection,
    lineOf,
    place,
  });

  const onRead = useCallback((id: number) => actions.mark([id], [SEEN], [], null), [actions]);
  const reading: Reading = {
    readAfter: settings.read_after_s,
    onRead,
    onKey,
    onCurrent: setAnswered,
    answersOf,
    isDraft,
    isOwn: (known) => isOwn(known, own),
    onEdit: (id) => openCompose({ kind: "message", message: id }),
  };

  const selectAll = () => select(all(selection, keysOf(rows)));
  const close = () => {
    const { activeElement } = document;
    if (activeElement === searchField.current) {
      searchField.current?.blur();
      listRef.current?.focus();
    }
    send({ event: "closed" });
  };
  const goTo = (to: Scope) => send({ event: "folder_chosen", scope: to });
  const openOutbox = () => send({ event: "outbox_chosen" });
  const changes: FolderChanges = {
    onAsk: setFolderAsk,
    onRead: (address, line) =>
      actions.readFolder(
        address,
        line.folder.path,
        intl.formatMessage({ id: "mail.folder.readAll.done" }, { folder: nameOf(line) }),
      ),
  };
  useFolderCommands({ accounts, foldersOf, scope: isOutbox ? null : scope, changes });
  useMailCommands({
    accounts,
    foldersOf,
    actions: acts,
    answers,
    check,
    isSearching: query !== "",
    scope: isOutbox ? null : scope,
    onStep: (step, withShift) => {
      select(stepped(selection, keysOf(rows), step, withShift), true);
      listRef.current?.focus({ preventScroll: true });
    },
    onAll: selectAll,
    onTick: () =>
      select(
        selection.ticking && selection.focus !== null
          ? toggled(selection, selection.focus)
          : ticking(selection, !selection.ticking),
      ),
    onOpen: () => {
      if (focused !== undefined) {
        openRow(focused);
      }
    },
    onClose: close,
    onSearch: () => {
      searchField.current?.focus();
      searchField.current?.select();
    },
    onScope: goTo,
    onOutbox: openOutbox,
    onWrite: write,
    onAddAccount,
  });

  const dropping: Dropping = {
    outcomeOver: dragged.outcomeOver,
    onOver: dragged.onOver,
    onDrop: dragged.onDrop,
  };
  const shownPane = isComposing ? "message" : pane;
  return (
    <main
      className={styles.mail}
      data-pane={shownPane}
      style={{ "--folders": `${kept.folders}px`, "--list": `${kept.list}px` } as CSSProperties}
    >
      <div className={styles.folders}>
        <Sidebar
          accounts={accounts}
          foldersOf={foldersOf}
          scope={scope}
          isOutbox={isOutbox}
          check={check}
          closed={kept.closed}
          dropping={dropping}
          changes={changes}
          onClosed={(closed) => keep({ closed })}
          onScope={goTo}
          onOutbox={openOutbox}
          onWrite={write}
          onAddAccount={onAddAccount}
        />
      </div>
      <div className={styles.split}>
        <Splitter
          label={intl.formatMessage({ id: "mail.pane.folders" })}
          value={kept.folders}
          min={LIMITS.folders[0]}
          max={LIMITS.folders[1]}
          onChange={(folders) => keep({ folders })}
        />
      </div>
      <div className={styles.veil} aria-hidden="true" onClick={() => send({ event: "closed" })} />
      <div className={styles.messages}>
        {isOutbox ? (
          <OutboxPane onFolders={() => send({ event: "folders_opened" })} />
        ) : (
          <ListPane
            title={title}
            listing={listing}
            folder={current?.folder ?? null}
            accounts={accounts.filter(({ address }) => scope.address === null || scope.address === address)}
            address={scope.address}
            query={query}
            selection={selection}
            isMany={isMany}
            actions={acts}
            placeOf={placeOf}
            tellsRecipients={(known) =>
              tellsRecipients(known, lineOfRow(known, foldersOf)?.role ?? null, own)
            }
            searchField={searchField}
            listRef={listRef}
            onQuery={(typed) => send({ event: "query_typed", query: typed })}
            onFolders={() => send({ event: "folders_opened" })}
            onPress={onPress}
            onFirst={() => {
              searchField.current?.blur();
              select(stepped(NOTHING, keysOf(rows), 0, false));
              listRef.current?.focus();
            }}
            onTicking={(isOn) => select(ticking(selection, isOn))}
            onAll={selectAll}
            onDragStart={dragged.onDragStart}
            onDragEnd={dragged.onDragEnd}
          />
        )}
      </div>
      <div className={styles.split}>
        <Splitter
          label={intl.formatMessage({ id: "mail.pane.list" })}
          value={kept.list}
          min={LIMITS.list[0]}
          max={LIMITS.list[1]}
          onChange={(list) => keep({ list })}
        />
      </div>
      <div className={styles.reading}>
        {isComposing ? (
          <ComposerPane />
        ) : (
          <ReadingPane
            row={row}
            actions={acts}
            answers={answers}
            singleKeys={settings.single_keys}
            isMany={isMany}
            reading={reading}
            onBack={() => send({ event: "closed" })}
            onUnselect={() => select(ticking(selection, false))}
          />
        )}
      </div>
      {(asked?.what === "move" || asked?.what === "copy") && (
        <FolderQuestion
          asked={asked}
          lineOf={lineOf}
          onFolder={(line) => {
            setAsked(null);
            place(asked.what, asked.rows, line.folder.path, nameOf(line));
          }}
          onClose={() => setAsked(null)}
        />
      )}
      {folderAsk !== null && (
        <FolderChangeSheet
          asked={folderAsk}
          known={foldersOf(folderAsk.address)}
          scope={scope}
          onScope={goTo}
          onClose={() => setFolderAsk(null)}
        />
      )}
      {asked?.what === "delete" && (
        <Ask
          isDanger
          title={intl.formatMessage({ id: "mail.forGood.title" })}
          help={intl.formatMessage(
            { id: "mail.forGood.help" },
            { count: asked.rows.length, subject: asked.rows[0]?.subject ?? "" },
          )}
          yes={intl.formatMessage({ id: "mail.forGood.yes" })}
          no={intl.formatMessage({ id: "mail.forGood.no" })}
          onYes={() => {
            setAsked(null);
            removeRows(options, asked.rows);
          }}
          onNo={() => setAsked(null)}
        />
      )}
    </main>
  );
}

/** The rows that are chosen; a message that was asked for from outside may not be in the list. */
function chosenRows(
  rows: readonly MessageRow[],
  { keys }: Selection,
  wanted: MessageRow | null,
): readonly MessageRow[] {
  if (keys.size === 0) {
    return [];
  }
  const found =
    keys.size === 1
      ? rows.slice(0).filter((row) => keys.has(keyOf(row)))
      : rows.filter((row) => keys.has(keyOf(row)));
  return found.length === 0 && wanted !== null && keys.has(keyOf(wanted)) ? [wanted] : found;
}
