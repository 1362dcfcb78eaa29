import { CaseSensitive, LetterText, Paperclip, Trash2, X } from "lucide-react";
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { ClipboardEvent, DragEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import type { Command } from "../../shared/commands/command";
import { useCommands } from "../../shared/commands/CommandProvider";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { useSettings } from "../../shared/settings/useSettings";
import { Ask } from "./Ask";
import { useComposing } from "./ComposeProvider";
import styles from "./Composer.module.css";
import { lengthOf, ownText } from "./content";
import type { Content } from "./content";
import { Files } from "./Files";
import { chooseFitting, droppedFiles, messageSize } from "./files";
import type { Refusal } from "./files";
import { FromField } from "./FromField";
import { hasFormatting, htmlOf } from "./html";
import { signatureOf } from "./open";
import { whenText } from "./outbox";
import { pressFirst, pressLast } from "./paneKeys";
import { QuotePiece, SignaturePiece } from "./Pieces";
import type { PictureSource } from "./pictures";
import { PlainTextField } from "./PlainTextField";
import { Recipients } from "./Recipients";
import type { RecipientsHandle, RecipientsPart } from "./Recipients";
import type { TextHandle } from "./RichText";
import { SEND_KEYS, SendButton } from "./SendButton";
import { questionsOf, sendersOf, stopsOf } from "./sending";
import type { Question, Stop } from "./sending";
import type { DraftSession } from "./session";
import { UnsavedError } from "./session";
import { StopNotice } from "./StopNotice";
import { StateLine } from "./StateLine";

const RichText = lazy(() => import("./RichText"));
const SendTimeSheet = lazy(() => import("./SendTimeSheet"));

const TITLES = {
  reply: "compose.reply",
  reply_all: "compose.replyAll",
  forward: "compose.forward",
} as const;

const bringsFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

/** One message while it is written. */
export function Composer({ session }: { session: DraftSession }) {
  const intl = useIntl();
  const id = useId();
  const { close, leave, open, call } = useComposing();
  const notices = useNotices();
  const { settings } = useSettings();
  const { content, files, limit, incoming, saving, trouble } = useSyncExternalStore(
    session.subscribe,
    session.state,
  );
  const { body, signature, quote } = content;

  const [said, say] = useState("");
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [hasFolder, setHasFolder] = useState(false);
  const [isOver, setOver] = useState(false);
  const [stops, setStops] = useState<readonly Stop[]>([]);
  const [asked, setAsked] = useState<{ questions: readonly Question[]; at: number | undefined } | null>(null);
  const [sheet, setSheet] = useState<"later" | "plain" | "discard" | null>(null);
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<WireError | null>(null);
  // The editor is drawn anew when its text is exchanged from outside.
  const [edition, setEdition] = useState(0);

  const pane = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const subject = useRef<HTMLInputElement>(null);
  const text = useRef<TextHandle>(null);
  const recipients = useRef<RecipientsHandle>(null);

  const accounts = useCommandQuery("account_list", {});
  const groups = useMemo(() => sendersOf(accounts.data ?? []), [accounts.data]);
  const senders = useMemo(() => groups.flatMap((group) => group.senders), [groups]);

  const attachments = files.filter(({ inline }) => !inline);
  const total = messageSize(lengthOf(content), files);
  const isAnswer = session.kind === "reply" || session.kind === "reply_all";

  useEffect(() => {
    // In an answer everybody is there already: one writes. The editor takes the focus itself once it has come.
    if (isAnswer) {
      text.current?.focus();
    } else {
      recipients.current?.focus("to");
    }
  }, [isAnswer]);

  const change = useCallback((part: Partial<Content>) => session.change(part), [session]);
  const changeRecipients = (part: RecipientsPart) => {
    setStops([]);
    change(part);
  };

  const chooseFrom = (address: string) => {
    const before = senders.find((sender) => sender.address === content.from);
    const sender = senders.find((other) => other.address === address);
    // A signature that the person left out, or that came with an older draft, is not theirs to exchange.
    const isUsual = (signatureOf(before?.signature ?? null)?.text ?? null) === (signature?.text ?? null);
    change({
      from: address,
      ...(isUsual ? { signature: signatureOf(sender?.signature ?? null) } : {}),
    });
  };

  const attach = (list: readonly File[], withFolder: boolean) => {
    const waiting = incoming.map(({ source }) => source);
    const { taken, refused: tooLarge } = chooseFitting(
      list,
      messageSize(0, [...files, ...waiting]) + total - messageSize(0, files),
      limit,
    );
    setRefused(tooLarge);
    setHasFolder(withFolder);
    setStops([]);
    void session.attach(taken);
  };
  const attachFrom = (transfer: DataTransfer) => {
    const dropped = droppedFiles(transfer);
    attach(dropped.files, dropped.hasFolder);
  };
  const onPicture = async (file: File, pending: string) => {
    const { refused: tooLarge } = chooseFitting([file], total, limit);
    if (tooLarge.length > 0) {
      setRefused(tooLarge);
      return null;
    }
    return session.attachPicture(file, pending);
  };
  const source = useCallback<PictureSource>(
    async (src) => {
      const file = session.state().files.find(({ content_id }) => src === `cid:${content_id}`);
      if (file === undefined) {
        return null;
      }
      try {
        const { content_type, base64 } = await call("draft_file", { id: session.id, file: file.id });
        return `data:${content_type};base64,${base64}`;
      } catch {
        // The picture stays a grey field; the message has it all the same.
        return null;
      }
    },
    [session, call],
  );

  const send = async (at: number | undefined, answered: readonly Question["ask"][]) => {
    // What stands half typed in a field counts.
    recipients.current?.finish();
    const now = session.state();
    const sendable = {
      content: now.content,
      attachments: now.files.filter(({ inline }) => !inline).length,
      incoming: now.incoming,
      size: total,
      limit,
      senders: accounts.data === undefined ? null : senders,
    };
    const found = stopsOf(sendable);
    setStops(found);
    if (found.length > 0) {
      setAsked(null);
      if (found.some(({ stop }) => stop === "nobody" || stop === "address")) {
        recipients.current?.focus("to");
      }
      return;
    }
    const pending = questionsOf(sendable, settings).filter(({ ask }) => !answered.includes(ask));
    if (pending.length > 0) {
      setAsked({ questions: pending, at });
      return;
    }
    setAsked(null);
    setFailure(null);
    setSending(true);
    try {
      const entry = await session.send(at);
      leave();
      tellSent(entry.id, at);
    } catch (error) {
      setFailure(error instanceof UnsavedError ? error.wire : wireOf(error));
      setSending(false);
    }
  };
  const tellSent = (entry: number, at: number | undefined) => {
    const pause = settings.undo_send_s;
    const undo = {
      label: intl.formatMessage({ id: "compose.sent.undo" }),
      isUndo: true,
      run: () => open({ kind: "outbox", id: entry }),
    };
    if (at !== undefined) {
      const when = whenText(intl, at, Date.now());
      notices.show({
        tone: "plain",
        text: intl.formatMessage({ id: "compose.sent.later" }, { when }),
        action: undo,
      });
    } else if (pause > 0) {
      const line = notices.show({
        tone: "plain",
        text: intl.formatMessage({ id: "compose.sent.pause" }, { seconds: pause }),
        action: undo,
        ms: pause * 1000,
      });
      // After the pause there is nothing to take back, for Ctrl+Z neither.
      setTimeout(() => notices.withdraw(line), pause * 1000);
    } else {
      notices.show({ tone: "plain", text: intl.formatMessage({ id: "compose.sent.now" }) });
    }
  };

  const discard = async () => {
    setSheet(null);
    setFailure(null);
    try {
      await session.discard();
      leave();
      notices.show({ tone: "plain", text: intl.formatMessage({ id: "compose.discarded" }) });
    } catch (error) {
      setFailure(wireOf(error));
    }
  };

  const toPlain = () => {
    setSheet(null);
    change({ body: { mode: "plain", text: ownText(body) } });
  };
  const switchForm = () => {
    if (body.mode === "plain") {
      change({ body: { mode: "rich", html: htmlOf(body.text) } });
    } else if (hasFormatting(body.html) || (quote !== null && hasFormatting(quote.html) && !isAnswer)) {
      setSheet("plain");
    } else {
      toPlain();
    }
  };
  const editQuote = () => {
    if (quote === null) {
      return;
    }
    change({
      quote: null,
      body:
        body.mode === "plain"
          ? { mode: "plain", text: `${body.text.trimEnd()}\n\n${quote.text}` }
          : { mode: "rich", html: `${body.html}<p></p>${quote.html}` },
    });
    setEdition(edition + 1);
  };

  const attachKeys = "Mod+Shift+A";
  const commands: Command[] = [
    {
      id: "compose.send",
      title: intl.formatMessage({ id: "compose.send" }),
      group: "write",
      keys: [SEND_KEYS],
      enabled: !isSending,
      run: () => void send(undefined, []),
    },
    {
      id: "compose.later",
      title: intl.formatMessage({ id: "compose.sendLater" }),
      group: "write",
      enabled: !isSending,
      run: () => setSheet("later"),
    },
    {
      id: "compose.attach",
      title: intl.formatMessage({ id: "compose.attach" }),
      group: "write",
      keys: [attachKeys],
      run: () => picker.current?.click(),
    },
    {
      id: "compose.cc",
      title: intl.formatMessage({ id: "compose.do.cc" }),
      group: "write",
      keys: ["Mod+Shift+C"],
      run: () => recipients.current?.focus("cc"),
    },
    {
      id: "compose.bcc",
      title: intl.formatMessage({ id: "compose.do.bcc" }),
      group: "write",
      keys: ["Mod+Shift+H"],
      run: () => recipients.current?.focus("bcc"),
    },
    {
      id: "compose.form",
      title: intl.formatMessage({ id: body.mode === "plain" ? "compose.toRich" : "compose.toPlain" }),
      group: "write",
      run: switchForm,
    },
    {
      id: "compose.save",
      title: intl.formatMessage({ id: "compose.close" }),
      group: "write",
      keys: ["Escape"],
      run: close,
    },
    {
      id: "compose.discard",
      title: intl.formatMessage({ id: "compose.discard" }),
      group: "write",
      keys: ["Mod+Shift+D"],
      run: () => setSheet("discard"),
    },
  ];
  useCommands(commands);

  const onDrop = (event: DragEvent) => {
    setOver(false);
    if (bringsFiles(event) && !event.defaultPrevented) {
      event.preventDefault();
      attachFrom(event.dataTransfer);
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    if (!event.defaultPrevented && event.clipboardData.files.length > 0) {
      event.preventDefault();
      attachFrom(event.clipboardData);
    }
  };

  const question = asked?.questions[0];
  const title = intl.formatMessage({
    id: session.kind in TITLES ? TITLES[session.kind as keyof typeof TITLES] : "compose.new",
  });

  return (
    // The pane only passes on what its fields do not use.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={pane}
      // A press beside the fields keeps the keys here.
      tabIndex={-1}
      className={styles.composer}
      onKeyDownCapture={(event) => pressFirst(event, commands)}
      onKeyDown={(event) => pressLast(event, commands)}
      onPaste={onPaste}
      onDragEnter={(event) => bringsFiles(event) && setOver(true)}
      onDragOver={(event) => {
        if (bringsFiles(event)) {
          event.preventDefault();
          setOver(true);
        }
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) {
          setOver(false);
        }
      }}
      onDropCapture={() => setOver(false)}
      onDrop={onDrop}
      onBlur={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) {
          void session.keep(false);
        }
      }}
    >
      <header className={styles.head}>
        <h2>{title}</h2>
        <IconButton label={intl.formatMessage({ id: "compose.close" })} shortcut="Escape" onClick={close}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <div className={styles.scroll}>
        <div className={styles.fields}>
          <FromField
            value={content.from}
            groups={groups}
            isKnown={accounts.data !== undefined}
            onChange={chooseFrom}
          />
          <Recipients content={content} onChange={changeRecipients} say={say} handle={recipients} />
          <div className={styles.row}>
            <label className={styles.label} htmlFor={`${id}-subject`}>
              <FormattedMessage id="compose.subject" />
            </label>
            <input
              ref={subject}
              id={`${id}-subject`}
              className={styles.subject}
              type="text"
              value={content.subject}
              onChange={(event) => change({ subject: event.target.value })}
            />
          </div>
        </div>
        <div
          className={
            signature === null && quote === null ? `${styles.writing} ${styles.alone}` : styles.writing
          }
        >
          {body.mode === "plain" ? (
            <PlainTextField
              key={edition}
              text={body.text}
              startsHere={isAnswer || edition > 0}
              onChange={(typed) => change({ body: { mode: "plain", text: typed } })}
              handle={text}
            />
          ) : (
            <Suspense fallback={<Loading label={intl.formatMessage({ id: "app.loading" })} />}>
              <RichText
                key={edition}
                html={body.html}
                startsHere={isAnswer || edition > 0}
                onChange={(html) => change({ body: { mode: "rich", html } })}
                onPicture={onPicture}
                onFiles={attachFrom}
                source={source}
                handle={text}
              />
            </Suspense>
          )}
        </div>
        {signature !== null && (
          <SignaturePiece
            draft={session.id}
            piece={signature}
            isPlain={body.mode === "plain"}
            files={files}
            onRemove={() => change({ signature: null })}
          />
        )}
        {quote !== null && (
          <QuotePiece
            draft={session.id}
            piece={quote}
            isPlain={body.mode === "plain"}
            files={files}
            onEdit={editQuote}
            onRemove={() => change({ quote: null })}
          />
        )}
        <Files
          files={attachments}
          incoming={incoming}
          refused={refused}
          hasFolder={hasFolder}
          trouble={trouble}
          total={total}
          limit={limit}
          onRemove={(file) => void session.detach(file)}
          onRetry={(key) => session.retryFile(key)}
          onForget={(key) => session.forgetFile(key)}
          onRead={() => {
            setRefused([]);
            setHasFolder(false);
          }}
        />
      </div>
      {stops.length > 0 && <StopNotice stops={stops} />}
      {failure !== null && (
        <div className={styles.failure}>
          <ErrorNotice error={failure}>
            <Button onClick={() => setFailure(null)}>
              <FormattedMessage id="app.close" />
            </Button>
          </ErrorNotice>
        </div>
      )}
      <footer className={styles.foot}>
        <SendButton
          isSending={isSending}
          onSend={() => void send(undefined, [])}
          onSendAt={(at) => void send(at, [])}
          onPick={() => setSheet("later")}
        />
        <IconButton
          label={intl.formatMessage({ id: "compose.attach" })}
          shortcut={attachKeys}
          onClick={() => picker.current?.click()}
        >
          <Paperclip size={18} aria-hidden />
        </IconButton>
        <IconButton
          label={intl.formatMessage({ id: body.mode === "plain" ? "compose.toRich" : "compose.toPlain" })}
          onClick={switchForm}
        >
          {body.mode === "plain" ? (
            <CaseSensitive size={19} aria-hidden />
          ) : (
            <LetterText size={18} aria-hidden />
          )}
        </IconButton>
        <StateLine
          saving={saving}
          isTouched={session.state().isTouched}
          onRetry={() => void session.keep(false)}
        />
        <IconButton
          label={intl.formatMessage({ id: "compose.discard" })}
          shortcut="Mod+Shift+D"
          onClick={() => setSheet("discard")}
        >
          <Trash2 size={18} aria-hidden />
        </IconButton>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attach([...(event.target.files ?? [])], false);
            // The same file can be chosen again.
            event.target.value = "";
          }}
        />
      </footer>
      <output className={styles.said} aria-live="polite">
        {said}
      </output>
      {isOver && (
        <div className={styles.overlay} aria-hidden="true">
          <Paperclip size={28} aria-hidden />
          <p>
            <FormattedMessage id="compose.files.drop" />
          </p>
          {body.mode === "rich" && (
            <p className={styles.overlayNote}>
              <FormattedMessage id="compose.files.dropPictures" />
            </p>
          )}
        </div>
      )}
      {sheet === "later" && (
        <Suspense fallback={null}>
          <SendTimeSheet
            start={null}
            onChoose={(at) => {
              setSheet(null);
              void send(at, []);
            }}
            onClose={() => setSheet(null)}
          />
        </Suspense>
      )}
      {sheet === "plain" && (
        <Ask
          title={intl.formatMessage({ id: "compose.plain.title" })}
          help={intl.formatMessage({ id: "compose.plain.help" })}
          yes={intl.formatMessage({ id: "compose.plain.yes" })}
          no={intl.formatMessage({ id: "app.cancel" })}
          onYes={toPlain}
          onNo={() => setSheet(null)}
        />
      )}
      {sheet === "discard" && (
        <Ask
          isDanger
          title={intl.formatMessage({ id: "compose.discard.title" })}
          help={intl.formatMessage({ id: "compose.discard.help" })}
          yes={intl.formatMessage({ id: "compose.discard.yes" })}
          no={intl.formatMessage({ id: "compose.discard.no" })}
          onYes={() => void discard()}
          onNo={() => setSheet(null)}
        />
      )}
      {asked !== null && question !== undefined && (
        <Ask
          key={question.ask}
          title={intl.formatMessage({ id: `compose.ask.${question.ask}` })}
          help={intl.formatMessage(
            { id: `compose.ask.${question.ask}.help` },
            { word: question.ask === "attachment" ? question.word : "" },
          )}
          yes={intl.formatMessage({ id: "compose.ask.send" })}
          no={intl.formatMessage({ id: "compose.ask.back" })}
          onYes={() => {
            const rest = asked.questions.slice(1);
            if (rest.length > 0) {
              setAsked({ ...asked, questions: rest });
            } else {
              void send(asked.at, ["subject", "attachment"]);
            }
          }}
          onNo={() => {
            setAsked(null);
            if (question.ask === "subject") {
              requestAnimationFrame(() => subject.current?.focus());
            }
          }}
        />
      )}
    </div>
  );
}
