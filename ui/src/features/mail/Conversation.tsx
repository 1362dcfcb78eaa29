import { ChevronUp, Paperclip, PencilLine } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { shortDate } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { AnswerBar } from "./AnswerBar";
import styles from "./Conversation.module.css";
import { folded } from "./folding";
import { OpenMessage, SingleMessage } from "./Message";
import type { Reading } from "./Message";
import { SEEN, has, senderOf, shortNames } from "./rows";

/**
 * The messages of a thread from every folder, oldest first. The newest and the unread ones are open; each loads its
 * text when it is opened.
 */
export function Conversation({ row, reading }: { row: MessageRow; reading: Reading }) {
  const intl = useIntl();
  const now = useNow();
  const thread = useCommandQuery("thread_show", { id: row.thread_id });
  // The newest one is open in any case: its text is on its way together with the list.
  useCommandQuery("message_show", { id: row.id });
  const messages = thread.data ?? [];
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [byHand, setByHand] = useState<ReadonlyMap<number, boolean>>(new Map());
  const [isWhole, setWhole] = useState(false);

  // What was open once stays open: that it is read now, or that another one came, folds nothing.
  const newest = messages.at(-1);
  const toOpen = messages.filter((message) => !has(message, SEEN) || message === newest).map(({ id }) => id);
  if (toOpen.some((id) => !opened.has(id))) {
    setOpened(new Set([...opened, ...toOpen]));
  }
  const isOpen = (id: number) => byHand.get(id) ?? opened.has(id);
  const turn = (id: number) => setByHand(new Map(byHand).set(id, !isOpen(id)));

  const { onCurrent } = reading;
  const current = messages.findLast((message) => !reading.isDraft(message))?.id ?? null;
  useEffect(() => {
    onCurrent(current);
    return () => onCurrent(null);
  }, [current, onCurrent]);

  const firstOpen = messages.findIndex(({ id }) => isOpen(id));
  const list = useRef<HTMLOListElement>(null);
  const isPlaced = useRef(false);
  useLayoutEffect(() => {
    if (!isPlaced.current && messages.length > 0 && firstOpen >= 0) {
      isPlaced.current = true;
      if (firstOpen > 0) {
        list.current?.querySelector("[data-open]")?.scrollIntoView?.({ block: "start" });
      }
    }
  }, [messages.length, firstOpen]);

  if (thread.error !== null && thread.data === undefined) {
    return (
      <div className={styles.trouble}>
        <ErrorNotice error={wireOf(thread.error)} />
      </div>
    );
  }
  if (thread.data === undefined) {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  if (messages.length <= 1) {
    const only = newest ?? row;
    return <SingleMessage id={only.id} isDraft={reading.isDraft(only)} reading={reading} />;
  }
  const shown = isWhole ? messages.map((message) => ({ message })) : folded(messages, (m) => isOpen(m.id));
  return (
    <div className={styles.conversation}>
      <header className={styles.head}>
        <h2 className={styles.subject}>
          {row.subject.trim() === "" ? <FormattedMessage id="mail.noSubject" /> : row.subject}
        </h2>
        <p className={styles.count}>
          <FormattedMessage id="mail.row.messages" values={{ count: messages.length }} />
        </p>
      </header>
      <ol ref={list} className={styles.messages}>
        {shown.map((item) =>
          "hidden" in item ? (
            <li key="hidden">
              <button type="button" className={styles.hidden} onClick={() => setWhole(true)}>
                <FormattedMessage id="mail.thread.hidden" values={{ count: item.hidden }} />
              </button>
            </li>
          ) : (
            <li
              key={item.message.id}
              className={styles.card}
              data-open={isOpen(item.message.id) ? "" : undefined}
            >
              {isOpen(item.message.id) ? (
                <OpenMessage
                  id={item.message.id}
                  reading={reading}
                  fold={
                    <IconButton
                      label={intl.formatMessage({ id: "mail.thread.fold" })}
                      aria-expanded
                      onClick={() => turn(item.message.id)}
                    >
                      <ChevronUp size={18} aria-hidden />
                    </IconButton>
                  }
                />
              ) : (
                <Folded
                  message={item.message}
                  when={shortDate(intl, item.message.received_at, now)}
                  isDraft={reading.isDraft(item.message)}
                  isOwn={reading.isOwn(item.message)}
                  onOpen={() =>
                    reading.isDraft(item.message) ? reading.onEdit(item.message.id) : turn(item.message.id)
                  }
                />
              )}
            </li>
          ),
        )}
      </ol>
      {current !== null && <AnswerBar answers={reading.answersOf(current)} />}
    </div>
  );
}

interface FoldedProps {
  message: MessageRow;
  when: string;
  isDraft: boolean;
  /** The reader wrote it: to whom is what tells it from others. */
  isOwn: boolean;
  onOpen: () => void;
}

function Folded({ message, when, isDraft, isOwn, onOpen }: FoldedProps) {
  const intl = useIntl();
  return (
    <button
      type="button"
      className={styles.folded}
      aria-expanded={isDraft ? undefined : false}
      onClick={onOpen}
    >
      <span className={styles.line}>
        <span className={styles.people}>
          <strong className={styles.from}>
            {isDraft ? (
              <>
                <PencilLine size={14} aria-hidden /> <FormattedMessage id="mail.draft" />
              </>
            ) : (
              (senderOf(message) ?? <FormattedMessage id="mail.noSender" />)
            )}
          </strong>{" "}
          {(isDraft || isOwn) && message.to.length > 0 && (
            <span className={styles.to}>
              <FormattedMessage id="mail.to" values={{ people: shortNames(message.to).join(", ") }} />
            </span>
          )}
        </span>
        {message.attachments > 0 && (
          <Paperclip
            size={14}
            role="img"
            aria-label={intl.formatMessage({ id: "mail.row.attachments" }, { count: message.attachments })}
          />
        )}
        <time className={styles.date} dateTime={new Date(message.received_at).toISOString()}>
          {when}
        </time>
      </span>
      <span className={styles.preview}>{message.preview}</span>
    </button>
  );
}
