import { useCallback, useEffect, useRef } from "react";
import type { DragEvent } from "react";
import { useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { DRAGGED, dragImage, dropOutcome } from "./dragging";
import type { DropOutcome } from "./dragging";
import type { FolderLine, Placing } from "./folders";
import styles from "./MailView.module.css";
import { keyOf } from "./rows";
import type { Selection } from "./selection";

interface DraggingOptions {
  rows: readonly MessageRow[];
  selection: Selection;
  lineOf: (address: string) => readonly FolderLine[];
  place: (placing: Placing, rows: readonly MessageRow[], path: string, name: string) => void;
}

/** How long the folder that the pointer left last is remembered. */
const LEAVING_MS = 150;

/** Dragging rows onto folders. */
export function useDragging(options: DraggingOptions) {
  const intl = useIntl();
  const notices = useNotices();
  const held = useRef<readonly MessageRow[]>([]);
  const over = useRef<DropOutcome | null>(null);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  const onDragStart = useCallback(
    (row: MessageRow, event: DragEvent) => {
      const { rows, selection } = latest.current;
      held.current = selection.keys.has(keyOf(row))
        ? rows.filter((known) => selection.keys.has(keyOf(known)))
        : [row];
      over.current = null;
      event.dataTransfer.setData(DRAGGED, String(held.current.length));
      event.dataTransfer.effectAllowed = "copyMove";
      const words = intl.formatMessage({ id: "mail.dragged" }, { count: held.current.length });
      const image = dragImage(words, styles.dragged ?? "");
      event.dataTransfer.setDragImage(image, 12, 12);
      setTimeout(() => image.remove());
    },
    [intl],
  );
  const onDragEnd = useCallback(() => {
    // Let go over the folder of another account: nothing happened, and here is why.
    if (over.current === "otherAccount" || over.current === "severalAccounts") {
      notices.show({ tone: "bad", text: intl.formatMessage({ id: `mail.drop.${over.current}` }) });
    }
    held.current = [];
    over.current = null;
  }, [intl, notices]);
  return {
    onDragStart,
    onDragEnd,
    outcomeOver: (placing: Placing, address: string, path: string) =>
      dropOutcome(placing, held.current, address, latest.current.lineOf(address), path),
    onOver: (outcome: DropOutcome | null) => {
      clearTimeout(leaving.current);
      if (outcome === null) {
        // A folder that takes nothing is left right before the end, also when the rows were let go over it.
        leaving.current = setTimeout(() => {
          over.current = null;
        }, LEAVING_MS);
      } else {
        over.current = outcome;
      }
    },
    onDrop: (path: string, name: string, outcome: DropOutcome) => {
      if (outcome === "moves" || outcome === "copies") {
        over.current = null;
        latest.current.place(outcome === "moves" ? "move" : "copy", held.current, path, name);
      }
    },
  };
}
