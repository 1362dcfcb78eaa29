import { X } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Ask } from "../../shared/Ask";
import { Button, IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import hidden from "../../shared/hidden.module.css";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { useComposing } from "./ComposeProvider";
import styles from "./Composer.module.css";
import { ComposerFields } from "./ComposerFields";
import { ComposerFoot } from "./ComposerFoot";
import { ComposerText } from "./ComposerText";
import { lengthOf } from "./content";
import { DropOverlay } from "./DropOverlay";
import { Files } from "./Files";
import { messageSize } from "./files";
import { pressFirst, pressLast } from "./paneKeys";
import type { RecipientsHandle } from "./Recipients";
import type { TextHandle } from "./RichText";
import { sendersOf } from "./sending";
import { SendQuestion } from "./SendQuestion";
import type { DraftSession } from "./session";
import { StateLine } from "./StateLine";
import { StopNotice } from "./StopNotice";
import { useAttaching } from "./useAttaching";
import { useComposerCommands } from "./useComposerCommands";
import type { ComposerDeeds } from "./useComposerCommands";
import { useSending } from "./useSending";
import { useTextForm } from "./useTextForm";

const SendTimeSheet = lazy(() => import("./SendTimeSheet"));

const TITLES = {
  reply: "compose.reply",
  reply_all: "compose.replyAll",
  forward: "compose.forward",
} as const;

/** One message while it is written. */
export function Composer({ session }: { session: DraftSession }) {
  const intl = useIntl();
  const { close, leave } = useComposing();
  const notices = useNotices();
  const { content, files, limit, incoming, saving, isTouched, trouble } = useSyncExternalStore(
    session.subscribe,
    session.state,
  );
  const [said, say] = useState("");
  const [sheet, setSheet] = useState<"later" | "plain" | "discard" | null>(null);
  const [failure, setFailure] = useState<WireError | null>(null);

  const picker = useRef<HTMLInputElement>(null);
  const subject = useRef<HTMLInputElement>(null);
  const text = useRef<TextHandle>(null);
  const recipients = useRef<RecipientsHandle>(null);
  useEffect(() => {
    // In an answer everybody is there already: one writes. The editor takes the focus itself once it has come.
    if (session.isAnswer) {
      text.current?.focus();
    } else {
      recipients.current?.focus("to");
    }
  }, [session]);

  const { data: accounts } = useCommandQuery("account_list", {});
  const groups = useMemo(() => (accounts === undefined ? null : sendersOf(accounts)), [accounts]);
  const senders = groups?.flatMap((group) => group.senders) ?? null;
  const sending = useSending(session, { senders, recipients, onFailure: setFailure });
  const attaching = useAttaching(session, sending.forgetStops);
  const form = useTextForm(session, () => setSheet("plain"));

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
  const deeds: ComposerDeeds = {
    send: sending.send,
    sendLater: () => setSheet("later"),
    attach: () => picker.current?.click(),
    addCopies: (field) => recipients.current?.focus(field),
    switchForm: form.switchForm,
    close,
    discard: () => setSheet("discard"),
  };
  const now = { isSending: sending.isSending, isPlain: content.body.mode === "plain" };
  const commands = useComposerCommands(deeds, now);

  return (
    // The pane only passes on what its fields do not use.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      // A press beside the fields keeps the keys here.
      tabIndex={-1}
      className={styles.composer}
      onKeyDownCapture={(event) => pressFirst(event, commands)}
      onKeyDown={(event) => pressLast(event, commands)}
      onBlur={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) {
          void session.keep(false);
        }
      }}
      {...attaching.target}
    >
      <header className={styles.head}>
        <h2>
          <FormattedMessage
            id={session.kind in TITLES ? TITLES[session.kind as keyof typeof TITLES] : "compose.new"}
          />
        </h2>
        <IconButton label={intl.formatMessage({ id: "compose.close" })} shortcut="Escape" onClick={close}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <div className={styles.scroll}>
        <ComposerFields
          content={content}
          groups={groups}
          onChange={(part) => session.change(part)}
          onRecipients={(part) => {
            sending.forgetStops();
            session.change(part);
          }}
          say={say}
          recipients={recipients}
          subject={subject}
        />
        <ComposerText
          session={session}
          content={content}
          files={files}
          form={form}
          attaching={attaching}
          handle={text}
        />
        <Files
          files={files.filter(({ inline }) => !inline)}
          incoming={incoming}
          refused={attaching.refused}
          hasFolder={attaching.hasFolder}
          trouble={trouble}
          total={messageSize(lengthOf(content), files)}
          limit={limit}
          onRemove={(file) => void session.detach(file)}
          onRetry={(key) => session.retryFile(key)}
          onForget={(key) => session.forgetFile(key)}
          onRead={attaching.forgetRefused}
        />
      </div>
      {sending.stops.length > 0 && <StopNotice stops={sending.stops} />}
      {failure !== null && (
        <div className={styles.failure}>
          <ErrorNotice error={failure}>
            <Button onClick={() => setFailure(null)}>
              <FormattedMessage id="app.close" />
            </Button>
          </ErrorNotice>
        </div>
      )}
      <ComposerFoot deeds={deeds} {...now}>
        <StateLine saving={saving} isTouched={isTouched} onRetry={() => void session.keep(false)} />
      </ComposerFoot>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          attaching.attach([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
      <output className={hidden.text} aria-live="polite">
        {said}
      </output>
      {attaching.isOver && <DropOverlay takesPictures={!now.isPlain} />}
      {sheet === "later" && (
        <Suspense fallback={null}>
          <SendTimeSheet
            start={null}
            onChoose={(at) => {
              setSheet(null);
              sending.send(at);
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
          onYes={() => {
            setSheet(null);
            form.toPlain();
          }}
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
      {sending.question !== null && (
        <SendQuestion
          key={sending.question.ask}
          question={sending.question}
          onSend={sending.agree}
          onStay={() => {
            sending.stay();
            if (sending.question?.ask === "subject") {
              requestAnimationFrame(() => subject.current?.focus());
            }
          }}
        />
      )}
    </div>
  );
}
