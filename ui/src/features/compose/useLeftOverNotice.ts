import { useCallback, useEffect, useRef } from "react";
import { useIntl } from "react-intl";

import type { DraftOpen } from "../../ipc/contract";
import { useCommandQuery } from "../../ipc/query";
import { useNotices } from "../../shared/notices/NoticeProvider";
import type { Call } from "./session";

/**
 * Tells of messages that the last run could not send any more: they go in a moment, unless they are taken back. Gives
 * whether any was told of.
 */
export function useLeftOverNotice(call: Call, open: (from: DraftOpen) => void): () => boolean {
  const intl = useIntl();
  const notices = useNotices();
  const outbox = useCommandQuery("outbox_list", {});
  const told = useRef(new Set<number>());
  const openNow = useRef(open);
  useEffect(() => {
    openNow.current = open;
  });
  useEffect(() => {
    const news = (outbox.data ?? []).filter(
      ({ id, state, left_over }) => left_over && state === "queued" && !told.current.has(id),
    );
    const [first, ...others] = news;
    if (first === undefined) {
      return;
    }
    news.forEach(({ id }) => told.current.add(id));
    notices.show({
      tone: "plain",
      text: intl.formatMessage(
        { id: "compose.leftOver" },
        { count: news.length, subject: first.subject === "" ? "none" : first.subject },
      ),
      action: {
        label: intl.formatMessage({ id: "compose.sent.undo" }),
        isUndo: true,
        run: () => {
          // One that has gone in the meantime does not hold up the others.
          void Promise.allSettled(others.map(({ id }) => call("draft_open", { kind: "outbox", id })));
          openNow.current({ kind: "outbox", id: first.id });
        },
      },
      actionMs: Math.max(0, (first.next_at ?? 0) - Date.now()),
    });
  }, [outbox.data, call, intl, notices]);
  return useCallback(() => told.current.size > 0, []);
}
