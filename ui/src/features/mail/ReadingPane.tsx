import { ArrowLeft, MailOpen } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Blank, Loading } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { longDate, size } from "../../shared/quantity";
import { Attachments, SaveWhole } from "./Attachments";
import { hasRemotePictures, pictureIds } from "./frame";
import { MessageFrame } from "./MessageFrame";
import { PlainText } from "./PlainText";
import styles from "./ReadingPane.module.css";
import { initials, listedAttachments, readPerson } from "./text";
import { Toolbar } from "./Toolbar";
import type { Commands } from "./Toolbar";

interface ReadingPaneProps {
  id: number | null;
  commands: Commands;
  onBack: () => void;
  /** Told once for each message that is opened and can be read. */
  onOpened: (message: MessageView) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** One message, with what can be done with it. */
export function ReadingPane({ id, commands, onBack, onOpened, onKey }: ReadingPaneProps) {
  const intl = useIntl();
  const reply = useCommandQuery("message_show", { id: id ?? 0 }, { enabled: id !== null });
  const message = reply.data;
  const opened = useRef<number | null>(null);
  useEffect(() => {
    if (id !== null && message !== undefined && opened.current !== id) {
      opened.current = id;
      onOpened(message);
    }
    if (id === null) {
      opened.current = null;
    }
  }, [id, message, onOpened]);

  return (
    <section className={styles.pane} aria-label={intl.formatMessage({ id: "mail.message" })}>
      <div className={styles.bar}>
        <IconButton className={styles.back} label={intl.formatMessage({ id: "mail.back" })} onClick={onBack}>
          <ArrowLeft size={18} aria-hidden />
        </IconButton>
        {id !== null && <Toolbar commands={commands} row={message?.row ?? null} />}
      </div>
      {id === null && (
        <Blank
          icon={<MailOpen size={28} aria-hidden />}
          title={intl.formatMessage({ id: "mail.none.title" })}
        >
          <p>
            <FormattedMessage
              id="mail.none.help"
              values={{ next: <kbd>J</kbd>, previous: <kbd>K</kbd>, search: <kbd>/</kbd> }}
            />
          </p>
        </Blank>
      )}
      {id !== null && reply.error !== null && (
        <div className={styles.trouble}>
          <ErrorNotice error={wireOf(reply.error)} />
        </div>
      )}
      {id !== null && reply.isPending && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
      {id !== null && message !== undefined && <Message key={id} id={id} message={message} onKey={onKey} />}
    </section>
  );
}

interface MessageProps {
  id: number;
  message: MessageView;
  onKey: (event: KeyboardEvent) => void;
}

function Message({ id, message, onKey }: MessageProps) {
  const intl = useIntl();
  const [picturesWanted, setPicturesWanted] = useState(false);
  const { html } = message;
  const offersPictures = html !== null && !picturesWanted && hasRemotePictures(html);
  const listed = listedAttachments(message.attachments, html === null ? new Set() : pictureIds(html));
  return (
    <article className={styles.message}>
      <h2 className={styles.subject}>
        {message.subject.trim() === "" ? <FormattedMessage id="mail.noSubject" /> : message.subject}
      </h2>
      <Head message={message} />
      {message.header_only && (
        <div className={styles.notice}>
          <p>
            <FormattedMessage id="mail.headerOnly" values={{ size: size(intl, message.row?.size ?? 0) }} />
          </p>
          <SaveWhole id={id} subject={message.subject} />
        </div>
      )}
      {offersPictures && (
        <div className={styles.notice}>
          <p>
            <FormattedMessage id="mail.pictures.blocked" />
          </p>
          <Button look="quiet" onClick={() => setPicturesWanted(true)}>
            <FormattedMessage id="mail.pictures.show" />
          </Button>
        </div>
      )}
      {listed.length > 0 && <Attachments id={id} attachments={listed} />}
      {html !== null && (
        <MessageFrame
          id={id}
          html={html}
          attachments={message.attachments}
          remotePictures={picturesWanted}
          onKey={onKey}
        />
      )}
      {html === null && message.text.trim() !== "" && <PlainText text={message.text} />}
      {html === null && message.text.trim() === "" && !message.header_only && (
        <p className={styles.muted}>
          <FormattedMessage id="mail.noText" />
        </p>
      )}
    </article>
  );
}

function Head({ message }: { message: MessageView }) {
  const intl = useIntl();
  const [first] = message.from;
  const sender = first === undefined ? null : readPerson(first);
  return (
    <header className={styles.head}>
      <span className={styles.initials} aria-hidden="true">
        {sender === null ? "?" : initials(sender)}
      </span>
      <div className={styles.people}>
        <p>
          {sender === null ? (
            <FormattedMessage id="mail.noSender" />
          ) : (
            <>
              <strong>{sender.name ?? sender.address}</strong>{" "}
              {sender.name !== null && <span className={styles.muted}>{sender.address}</span>}
            </>
          )}
        </p>
        <People label="mail.to" people={message.to} />
        <People label="mail.cc" people={message.cc} />
        <details className={styles.details}>
          <summary>
            <FormattedMessage id="mail.allHeaders" />
          </summary>
          <dl>
            {message.headers.map(([name, value], index) => (
              // A field may stand in a message more than once, and their order is fixed.
              // oxlint-disable-next-line react/no-array-index-key
              <div key={`${index} ${name}`}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
      {message.date !== null && (
        <time className={styles.date} dateTime={new Date(message.date).toISOString()}>
          {longDate(intl, message.date)}
        </time>
      )}
    </header>
  );
}

/** As many people as a reader takes in at a glance; the others on request. */
const FEW = 4;

function People({ label, people }: { label: "mail.to" | "mail.cc"; people: readonly string[] }) {
  const intl = useIntl();
  const [all, setAll] = useState(false);
  if (people.length === 0) {
    return null;
  }
  const shown = all ? people : people.slice(0, FEW);
  const names = shown.map((text) => {
    const person = readPerson(text);
    return all || person.name === null ? text : person.name;
  });
  return (
    <p className={styles.to}>
      <FormattedMessage id={label} values={{ people: names.join(", ") }} />{" "}
      {people.length > FEW && !all && (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          {intl.formatMessage({ id: "mail.people.more" }, { count: people.length - FEW })}
        </button>
      )}
    </p>
  );
}
