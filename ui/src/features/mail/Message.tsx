import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { hasRemotePictures, pictureIds } from "../../shared/frame/frame";
import { AnswerBar } from "./AnswerBar";
import { Attachments } from "./Attachments";
import styles from "./Message.module.css";
import { MessageFrame } from "./MessageFrame";
import { MessageHead } from "./MessageHead";
import { Partial } from "./Partial";
import { PlainText } from "./PlainText";
import { SEEN, has } from "./rows";
import type { Answers } from "./rowActions";
import { listedAttachments, readPerson } from "./text";

/** What a message that is read needs from the view around it. */
export interface Reading {
  /** Seconds after which an opened message counts as read; `null` for only by hand. */
  readAfter: number | null;
  /** Marks one message as read without a word. */
  onRead: (id: number) => void;
  /** Keys pressed while the frame of a message has the keyboard. */
  onKey: (event: KeyboardEvent) => void;
  /** Told which message an answer goes to. */
  onCurrent: (id: number | null) => void;
  answersOf: (id: number) => Answers;
  /** True for a message that is still being written. */
  isDraft: (row: { account: string; folder: string }) => boolean;
  /** True for a message that the reader wrote. */
  isOwn: (row: { from_address: string }) => boolean;
  onEdit: (id: number) => void;
}

interface SingleMessageProps {
  id: number;
  isDraft: boolean;
  reading: Reading;
}

/** One message alone. */
export function SingleMessage({ id, isDraft, reading }: SingleMessageProps) {
  const { onCurrent } = reading;
  useEffect(() => {
    onCurrent(isDraft ? null : id);
    return () => onCurrent(null);
  }, [id, isDraft, onCurrent]);
  return (
    <div className={styles.alone}>
      <OpenMessage id={id} reading={reading} isAlone />
      {!isDraft && <AnswerBar answers={reading.answersOf(id)} />}
    </div>
  );
}

interface OpenMessageProps {
  id: number;
  reading: Reading;
  /** What folds the message, in a conversation. */
  fold?: ReactNode;
  /** True where the subject is not said above already. */
  isAlone?: boolean;
}

/** A message with its text: asked for when it is drawn, and read after a while. */
export function OpenMessage({ id, reading, fold, isAlone = false }: OpenMessageProps) {
  const intl = useIntl();
  const reply = useCommandQuery("message_show", { id });
  const message = reply.data;
  useReadAfter(id, message, reading);
  if (reply.error !== null && message === undefined) {
    return <ErrorNotice error={wireOf(reply.error)} />;
  }
  return message === undefined ? (
    <Loading label={intl.formatMessage({ id: "app.loading" })} />
  ) : (
    <Message id={id} message={message} reading={reading} fold={fold} isAlone={isAlone} />
  );
}

/** Marks a message as read once it was open for as long as the person said. By hand it can be unread again. */
function useReadAfter(id: number, message: MessageView | undefined, { readAfter, onRead }: Reading): void {
  const isDone = useRef(false);
  const row = message?.row ?? null;
  const isUnread = row !== null && !has(row, SEEN);
  useEffect(() => {
    if (!isUnread || readAfter === null || isDone.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      isDone.current = true;
      onRead(id);
    }, readAfter * 1000);
    return () => clearTimeout(timer);
  }, [id, isUnread, readAfter, onRead]);
}

interface MessageProps {
  id: number;
  message: MessageView;
  reading: Reading;
  fold: ReactNode;
  isAlone: boolean;
}

function Message({ id, message, reading, fold, isAlone }: MessageProps) {
  const [picturesWanted, setPicturesWanted] = useState(false);
  const { html } = message;
  const showsPictures = picturesWanted || message.pictures_allowed;
  const listed = listedAttachments(message.attachments, html === null ? new Set() : pictureIds(html));
  const isDraft = message.row !== null && reading.isDraft(message.row);
  return (
    <article className={styles.message}>
      {isAlone && (
        <h2 className={styles.subject}>
          {message.subject.trim() === "" ? <FormattedMessage id="mail.noSubject" /> : message.subject}
        </h2>
      )}
      <MessageHead
        id={id}
        message={message}
        showsPictures={showsPictures}
        answers={isDraft ? null : reading.answersOf(id)}
        fold={fold}
      />
      {isDraft && (
        <div className={styles.notice}>
          <p>
            <FormattedMessage id="mail.draft.note" />
          </p>
          <Button look="primary" onClick={() => reading.onEdit(id)}>
            <FormattedMessage id="mail.draft.edit" />
          </Button>
        </div>
      )}
      {message.partial && (
        <Partial id={id} bytes={message.row?.size ?? 0} isHeaderOnly={message.header_only} />
      )}
      {html !== null && hasRemotePictures(html) && (
        <Pictures message={message} isShown={showsPictures} onShow={() => setPicturesWanted(true)} />
      )}
      {listed.length > 0 && <Attachments id={id} attachments={listed} />}
      {html !== null && (
        <MessageFrame
          id={id}
          html={html}
          attachments={message.attachments}
          remotePictures={showsPictures}
          onKey={reading.onKey}
        />
      )}
      {html === null && message.text.trim() !== "" && <PlainText text={message.text} />}
      {html === null && message.text.trim() === "" && !message.partial && (
        <p className={styles.muted}>
          <FormattedMessage id="mail.noText" />
        </p>
      )}
    </article>
  );
}

interface PicturesProps {
  message: MessageView;
  isShown: boolean;
  onShow: () => void;
}

/** Asks before pictures are loaded from a server; says it where they are loaded unasked. */
function Pictures({ message, isShown, onShow }: PicturesProps) {
  const allow = useCommandMutation("sender_allow");
  const forget = useCommandMutation("sender_forget");
  const sender = message.row?.from_address ?? message.from.map(readPerson)[0]?.address ?? "";
  const failed = allow.error ?? forget.error;
  if (isShown && !message.pictures_allowed) {
    return null;
  }
  return (
    <>
      {message.pictures_allowed ? (
        <p className={styles.quietNotice}>
          <FormattedMessage id="mail.pictures.always" values={{ sender }} />{" "}
          <Button look="quiet" disabled={forget.isPending} onClick={() => forget.mutate({ address: sender })}>
            <FormattedMessage id="mail.pictures.stop" />
          </Button>
        </p>
      ) : (
        <div className={styles.notice}>
          <p>
            <FormattedMessage id="mail.pictures.blocked" />
          </p>
          <span className={styles.choices}>
            <Button look="quiet" onClick={onShow}>
              <FormattedMessage id="mail.pictures.show" />
            </Button>
            {sender !== "" && (
              <Button
                look="quiet"
                disabled={allow.isPending}
                onClick={() => allow.mutate({ address: sender })}
              >
                <FormattedMessage id="mail.pictures.allow" values={{ sender }} />
              </Button>
            )}
          </span>
        </div>
      )}
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
    </>
  );
}
