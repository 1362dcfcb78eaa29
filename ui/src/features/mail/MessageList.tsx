import { ArrowUp } from "lucide-react";
import { useEffect } from "react";
import type { RefObject } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useNow } from "../../shared/useNow";
import { usePaintMark } from "../../shared/usePaintMark";
import styles from "./MessageList.module.css";
import { Row, optionId } from "./Row";
import type { RowPress } from "./Row";
import { keyOf } from "./rows";
import type { Selection } from "./selection";
import type { Listing } from "./useListing";
import { useRowWindow } from "./useRowWindow";
import type { ListPlace } from "./useRowWindow";

/** The next page is asked for when this many rows are left below. */
const AHEAD = 100;

interface MessageListProps {
  listing: Listing;
  selection: Selection;
  /** Where a row is, for a list of several accounts or folders. */
  placeOf: (row: MessageRow) => string | null;
  /** True for a row that tells to whom it went. */
  tellsRecipients: (row: MessageRow) => boolean;
  label: string;
  /** The element with the focus of the list, for giving it back. */
  listRef: RefObject<HTMLDivElement | null>;
  place: ListPlace | null;
  onPlace: (place: ListPlace | null) => void;
  onPress: (row: MessageRow, press: RowPress) => void;
  onDragStart: (row: MessageRow, event: React.DragEvent) => void;
  onDragEnd: () => void;
}

/** A list of messages of any length: only the rows in sight exist. */
export function MessageList(props: MessageListProps) {
  const { listing, selection, placeOf, label, listRef } = props;
  const { rows, hasMore, loadMore } = listing;
  const intl = useIntl();
  const now = useNow();
  const { scroller, probe, height, start, end, arrived, onScroll, toTop } = useRowWindow({
    rows,
    focus: selection.focus,
    place: props.place,
    onPlace: props.onPlace,
    onView: listing.onView,
  });
  useEffect(() => {
    listRef.current = scroller.current;
  });
  usePaintMark("mailroom:list", listing.id);
  // Which rows were there when more were asked for: an answer that is not enough asks again.
  const wantsMore = hasMore && listing.moreError === null && end >= rows.length - AHEAD;
  useEffect(() => {
    if (wantsMore) {
      loadMore();
    }
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [wantsMore, loadMore, rows.length]);

  const drawn = rows.slice(start, end);
  const hasFocus = selection.focus !== null && drawn.some((row) => keyOf(row) === selection.focus);
  return (
    <div className={styles.holder}>
      {arrived > 0 && (
        <button type="button" className={styles.arrived} onClick={toTop}>
          <ArrowUp size={14} aria-hidden />
          <FormattedMessage id="mail.list.arrived" values={{ count: arrived }} />
        </button>
      )}
      <div
        ref={scroller}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-multiselectable="true"
        aria-activedescendant={hasFocus && selection.focus !== null ? optionId(selection.focus) : undefined}
        className={styles.list}
        onScroll={onScroll}
      >
        <div ref={probe} className={styles.probe} aria-hidden="true" />
        <div role="presentation" className={styles.rows} style={{ blockSize: rows.length * height }}>
          {drawn.map((row, index) => {
            const key = keyOf(row);
            return (
              <Row
                key={key}
                row={row}
                now={now}
                isChosen={selection.keys.has(key)}
                isFocused={selection.focus === key}
                isTicking={selection.ticking}
                position={start + index + 1}
                total={hasMore ? -1 : rows.length}
                top={(start + index) * height}
                place={placeOf(row)}
                tellsRecipients={props.tellsRecipients(row)}
                onPress={props.onPress}
                onDragStart={props.onDragStart}
                onDragEnd={props.onDragEnd}
              />
            );
          })}
        </div>
        {listing.moreError !== null && (
          <div className={styles.trouble}>
            <ErrorNotice error={listing.moreError}>
              <Button onClick={loadMore}>
                <FormattedMessage id="app.again" />
              </Button>
            </ErrorNotice>
          </div>
        )}
        {hasMore && listing.moreError === null && (
          <Loading label={intl.formatMessage({ id: "app.loading" })} />
        )}
      </div>
    </div>
  );
}
