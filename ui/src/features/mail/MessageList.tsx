import { useVirtualizer } from "@tanstack/react-virtual";
import { Paperclip, Reply, Star } from "lucide-react";
import { useEffect, useRef } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { Loading } from "../../shared/Blank";
import { shortDate } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import styles from "./MessageList.module.css";
import { ANSWERED, FLAGGED, SEEN, has, senderOf } from "./rows";

/** Height of a row before it is measured, in pixels. */
const ROW = 82;
/** The next page is asked for when this many rows are left below. */
const AHEAD = 60;

interface MessageListProps {
  rows: readonly MessageRow[];
  selectedId: number | null;
  hasMore: boolean;
  /** Where a row is, for a list of several accounts or folders. */
  placeOf: (row: MessageRow) => string | null;
  label: string;
  onChoose: (id: number) => void;
  onMore: () => void;
}

/** A list of messages of any length: only the rows in sight exist. */
export function MessageList(props: MessageListProps) {
  const { rows, selectedId, hasMore, placeOf, label, onChoose, onMore } = props;
  const intl = useIntl();
  const now = useNow();
  const list = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const wantsMore = hasMore && last >= rows.length - AHEAD;
  useEffect(() => {
    if (wantsMore) {
      onMore();
    }
  }, [wantsMore, onMore]);

  const selected = rows.findIndex((row) => row.id === selectedId);
  useEffect(() => {
    if (selected >= 0) {
      virtual.scrollToIndex(selected, { align: "auto" });
    }
    // Only a change of the selection scrolls; rows that come or go do not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selectedId]);

  return (
    <div
      ref={list}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={selected >= 0 ? optionId(selectedId) : undefined}
      className={styles.list}
    >
      <div role="presentation" style={{ blockSize: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row !== undefined && (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                role="presentation"
                className={styles.place}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Option
                  row={row}
                  now={now}
                  isSelected={row.id === selectedId}
                  position={item.index + 1}
                  total={hasMore ? -1 : rows.length}
                  place={placeOf(row)}
                  onChoose={onChoose}
                />
              </div>
            )
          );
        })}
      </div>
      {hasMore && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
    </div>
  );
}

function optionId(id: number | null): string {
  return `message-${id}`;
}

interface OptionProps {
  row: MessageRow;
  now: number;
  isSelected: boolean;
  position: number;
  total: number;
  place: string | null;
  onChoose: (id: number) => void;
}

function Option({ row, now, isSelected, position, total, place, onChoose }: OptionProps) {
  const intl = useIntl();
  const isNew = !has(row, SEEN);
  const sender = senderOf(row);
  return (
    // The keys of the list work on the whole document (`MailView`), and the list itself has the focus.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={optionId(row.id)}
      role="option"
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={total}
      className={isNew ? `${styles.row} ${styles.new}` : styles.row}
      onClick={() => onChoose(row.id)}
    >
      <div className={styles.top}>
        <span className={styles.from}>
          {isNew && (
            <span className={styles.quiet}>
              <FormattedMessage id="mail.row.unread" />{" "}
            </span>
          )}
          {sender ?? <FormattedMessage id="mail.noSender" />}
        </span>
        <span className={styles.signs}>
          {has(row, ANSWERED) && (
            <Reply size={14} role="img" aria-label={intl.formatMessage({ id: "mail.row.answered" })} />
          )}
          {row.attachments > 0 && (
            <Paperclip
              size={14}
              role="img"
              aria-label={intl.formatMessage({ id: "mail.row.attachments" }, { count: row.attachments })}
            />
          )}
          {has(row, FLAGGED) && (
            <Star
              size={14}
              className={styles.star}
              role="img"
              aria-label={intl.formatMessage({ id: "mail.row.starred" })}
            />
          )}
        </span>
        <time className={styles.date} dateTime={new Date(row.received_at).toISOString()}>
          {shortDate(intl, row.received_at, now)}
        </time>
      </div>
      <div className={styles.subject}>
        {row.subject.trim() === "" ? <FormattedMessage id="mail.noSubject" /> : row.subject}
      </div>
      <div className={styles.preview}>
        {place !== null && <span className={styles.folder}>{place}</span>}
        {row.preview}
      </div>
    </div>
  );
}
