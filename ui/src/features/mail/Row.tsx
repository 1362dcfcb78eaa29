import { Check, Paperclip, Reply, Star } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import type { DragEvent, MouseEvent, PointerEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import hidden from "../../shared/hidden.module.css";
import { shortDate } from "../../shared/quantity";
import styles from "./Row.module.css";
import { ANSWERED, FLAGGED, has, isUnread, keyOf, senderOf, shortNames, writersOf } from "./rows";

/** How a row was pressed. */
export type RowPress = "plain" | "range" | "one-more" | "tick";

interface RowProps {
  row: MessageRow;
  now: number;
  isChosen: boolean;
  /** True for the row that the keyboard is at. */
  isFocused: boolean;
  /** True while every row shows a box to tick. */
  isTicking: boolean;
  position: number;
  /** Rows of the whole list; -1 while that is not known. */
  total: number;
  /** Pixels above it in the list. */
  top: number;
  place: string | null;
  /** True when it tells to whom it went instead of who wrote it. */
  tellsRecipients: boolean;
  onPress: (row: MessageRow, press: RowPress) => void;
  onDragStart: (row: MessageRow, event: DragEvent) => void;
  onDragEnd: () => void;
}

/** How long a finger has to rest on a row to tick it. */
const LONG_PRESS_MS = 450;

export function optionId(key: number): string {
  return `message-${key}`;
}

/** One row of the list: a message, or a thread by its newest one. */
export const Row = memo(function Row(props: RowProps) {
  const { row, now, isChosen, isFocused, isTicking, position, total, top, place, onPress } = props;
  const intl = useIntl();
  const isNew = isUnread(row);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wasLong = useRef(false);
  useEffect(() => () => clearTimeout(resting.current), []);

  const press = (event: MouseEvent) => {
    if (wasLong.current) {
      wasLong.current = false;
      return;
    }
    const onBox = event.target instanceof Element && event.target.closest("[data-tick]") !== null;
    if (event.shiftKey) {
      onPress(row, "range");
    } else if (event.ctrlKey || event.metaKey) {
      onPress(row, "one-more");
    } else {
      onPress(row, onBox ? "tick" : "plain");
    }
  };
  const touch = (event: PointerEvent) => {
    wasLong.current = false;
    if (event.pointerType === "touch") {
      resting.current = setTimeout(() => {
        wasLong.current = true;
        onPress(row, "tick");
      }, LONG_PRESS_MS);
    }
  };
  const untouch = () => clearTimeout(resting.current);

  const classes = [
    styles.row,
    isNew && styles.new,
    isTicking && styles.ticking,
    isFocused && styles.focused,
  ].filter(Boolean);
  return (
    // The keys of the list work on the whole document (`useMailCommands`), and the list itself has the focus.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={optionId(keyOf(row))}
      role="option"
      aria-selected={isChosen}
      aria-posinset={position}
      aria-setsize={total}
      draggable
      className={classes.join(" ")}
      style={{ insetBlockStart: top }}
      onClick={press}
      onPointerDown={touch}
      onPointerUp={untouch}
      onPointerMove={untouch}
      onPointerCancel={untouch}
      onDragStart={(event) => props.onDragStart(row, event)}
      onDragEnd={props.onDragEnd}
    >
      <span className={styles.tick} data-tick aria-hidden="true">
        <span className={styles.box}>{isChosen && <Check size={12} strokeWidth={3.5} />}</span>
      </span>
      <div className={styles.top}>
        <span className={styles.from}>
          {isNew && (
            <span className={hidden.text}>
              <FormattedMessage id="mail.row.unread" />{" "}
            </span>
          )}
          {props.tellsRecipients ? <Recipients row={row} /> : <Senders row={row} />}
        </span>
        {row.thread !== null && row.thread.messages > 1 && (
          <span className={styles.count}>
            <span aria-hidden="true">{intl.formatNumber(row.thread.messages)}</span>
            <span className={hidden.text}>
              <FormattedMessage id="mail.row.messages" values={{ count: row.thread.messages }} />
            </span>
          </span>
        )}
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
      <div className={styles.words}>
        <div className={styles.subject}>
          {row.subject.trim() === "" ? <FormattedMessage id="mail.noSubject" /> : row.subject}
        </div>
        <div className={styles.preview}>
          {place !== null && <span className={styles.folder}>{place}</span>}
          {row.preview}
        </div>
      </div>
    </div>
  );
});

function Recipients({ row: { thread, to } }: { row: MessageRow }) {
  const people = shortNames(thread === null ? to : thread.recipients);
  return people.length === 0 ? (
    <FormattedMessage id="mail.noRecipient" />
  ) : (
    <FormattedMessage id="mail.to" values={{ people: people.join(", ") }} />
  );
}

function Senders({ row }: { row: MessageRow }) {
  const { thread } = row;
  if (thread === null || thread.senders.length < 2) {
    return senderOf(row) ?? <FormattedMessage id="mail.noSender" />;
  }
  const { names, isCut } = writersOf(thread.senders);
  const [first, ...others] = names;
  return isCut ? `${first} … ${others.join(", ")}` : names.join(", ");
}
