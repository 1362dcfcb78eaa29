import { AppWindow, Code, Download, Ellipsis, Forward, Reply, ReplyAll } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { Button as AriaButton, Menu, MenuTrigger, Popover } from "react-aria-components";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useHost } from "../../ipc/hostContext";
import buttons from "../../shared/Button.module.css";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { longDate, mediumDate } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { messageFilename } from "./attachment";
import styles from "./Message.module.css";
import menu from "./Menu.module.css";
import { MenuEntry } from "./MenuEntry";
import type { Answers } from "./rowActions";
import { SourceSheet } from "./SourceSheet";
import { initials, readPerson } from "./text";

interface MessageHeadProps {
  id: number;
  message: MessageView;
  showsPictures: boolean;
  answers: Answers | null;
  /** What folds the message, in a conversation. */
  fold: ReactNode;
}

/** Who wrote a message to whom and when, and what else can be done with it. */
export function MessageHead({ id, message, showsPictures, answers, fold }: MessageHeadProps) {
  const intl = useIntl();
  const now = useNow();
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
      </div>
      <div className={styles.corner}>
        {message.date !== null && (
          <time
            className={styles.date}
            dateTime={new Date(message.date).toISOString()}
            title={longDate(intl, message.date)}
          >
            {mediumDate(intl, message.date, now)}
          </time>
        )}
        <More id={id} message={message} showsPictures={showsPictures} answers={answers} />
        {fold}
      </div>
    </header>
  );
}

/** What is done with one message of a conversation, and what is done seldom. */
function More({ id, message, showsPictures, answers }: Omit<MessageHeadProps, "fold">) {
  const intl = useIntl();
  const door = useDoor();
  const host = useHost();
  const notices = useNotices();
  const [showsSource, setShowsSource] = useState(false);

  const save = async () => {
    try {
      const { path } = await door.saveDownload(id, undefined, messageFilename(message.subject));
      notices.show({ tone: "plain", text: intl.formatMessage({ id: "mail.attachment.saved" }, { path }) });
    } catch (error) {
      notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });
    }
  };
  const openWindow = async () => {
    try {
      await host.openMessageWindow({ id, pictures: showsPictures, words: windowWords(intl, message) });
    } catch (error) {
      notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });
    }
  };

  return (
    <>
      <MenuTrigger>
        <AriaButton
          className={`${buttons.icon} ${styles.more}`}
          aria-label={intl.formatMessage({ id: "mail.more" })}
        >
          <Ellipsis size={18} aria-hidden />
        </AriaButton>
        <Popover placement="bottom end" className={menu.popover ?? ""}>
          <Menu className={menu.menu ?? ""}>
            {answers !== null && (
              <>
                <MenuEntry icon={Reply} label="mail.do.reply" onAction={answers.reply} />
                <MenuEntry icon={ReplyAll} label="mail.do.replyAll" onAction={answers.replyAll} />
                <MenuEntry icon={Forward} label="mail.do.forward" onAction={answers.forward} />
              </>
            )}
            {host.can.messageWindow && (
              <MenuEntry icon={AppWindow} label="mail.do.window" onAction={() => void openWindow()} />
            )}
            <MenuEntry icon={Code} label="mail.do.source" onAction={() => setShowsSource(true)} />
            <MenuEntry icon={Download} label="mail.do.save" onAction={() => void save()} />
          </Menu>
        </Popover>
      </MenuTrigger>
      {showsSource && <SourceSheet id={id} message={message} onClose={() => setShowsSource(false)} />}
    </>
  );
}

const field = (label: string, value: string) => ({ label, value });

/** What stands around a message in a window of its own. */
function windowWords(intl: ReturnType<typeof useIntl>, message: MessageView) {
  const people = (id: "mail.field.from" | "mail.field.to" | "mail.field.cc", values: readonly string[]) =>
    values.length === 0 ? [] : [field(intl.formatMessage({ id }), values.join(", "))];
  return {
    lang: intl.locale,
    title: message.subject.trim() === "" ? intl.formatMessage({ id: "mail.noSubject" }) : message.subject,
    fields: [
      ...people("mail.field.from", message.from),
      ...people("mail.field.to", message.to),
      ...people("mail.field.cc", message.cc),
      ...(message.date === null
        ? []
        : [field(intl.formatMessage({ id: "mail.field.date" }), longDate(intl, message.date))]),
    ],
    empty: intl.formatMessage({ id: "mail.noText" }),
  };
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
        <button type="button" className={styles.moreTo} onClick={() => setAll(true)}>
          {intl.formatMessage({ id: "mail.people.more" }, { count: people.length - FEW })}
        </button>
      )}
    </p>
  );
}
