import { Menu, Send } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { OutboxView, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Ask } from "../../shared/Ask";
import { Blank, Loading } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useNow } from "../../shared/useNow";
import { useComposing } from "./ComposeProvider";
import { deedsOf, outboxCounts, stageOf, stageText } from "./outbox";
import styles from "./OutboxPane.module.css";

const SendTimeSheet = lazy(() => import("./SendTimeSheet"));

/** How many messages wait to be sent, and how many of them need the person. */
export function useOutboxCount(): { waiting: number; failed: number } {
  const outbox = useCommandQuery("outbox_list", {});
  return outboxCounts(outbox.data ?? []);
}

/** The messages that wait to be sent, were refused, or whose fate is not known. `onFolders` opens the drawer with the folders. */
export function OutboxPane({ onFolders }: { onFolders: () => void }) {
  const intl = useIntl();
  const outbox = useCommandQuery("outbox_list", {});
  const entries = outbox.data?.filter(({ state }) => state !== "filed");
  return (
    <section className={styles.pane} aria-label={intl.formatMessage({ id: "outbox.title" })}>
      <header className={styles.head}>
        <IconButton
          className={styles.menu}
          label={intl.formatMessage({ id: "mail.folders" })}
          onClick={onFolders}
        >
          <Menu size={18} aria-hidden />
        </IconButton>
        <h2>
          <FormattedMessage id="outbox.title" />
        </h2>
      </header>
      {outbox.isPending && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
      {outbox.error !== null && (
        <div className={styles.trouble}>
          <ErrorNotice error={wireOf(outbox.error)}>
            <Button onClick={() => void outbox.refetch()}>
              <FormattedMessage id="app.again" />
            </Button>
          </ErrorNotice>
        </div>
      )}
      {entries?.length === 0 && (
        <Blank icon={<Send size={28} aria-hidden />} title={intl.formatMessage({ id: "outbox.empty.title" })}>
          <p>
            <FormattedMessage id="outbox.empty.help" />
          </p>
        </Blank>
      )}
      {entries !== undefined && entries.length > 0 && (
        <ul className={styles.list} aria-label={intl.formatMessage({ id: "outbox.list" })}>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: OutboxView }) {
  const intl = useIntl();
  const now = useNow();
  const { open, call } = useComposing();
  const retry = useCommandMutation("outbox_retry");
  const discard = useCommandMutation("outbox_discard");
  const [asked, setAsked] = useState<"discard" | "time" | null>(null);
  const [trouble, setTrouble] = useState<WireError | null>(null);
  const stage = stageOf(entry, now);
  const deeds = deedsOf(stage);
  const subject = entry.subject === "" ? intl.formatMessage({ id: "mail.noSubject" }) : entry.subject;
  const failure = trouble ?? wireOrNull(retry.error ?? discard.error);

  /** Another moment: the entry becomes a draft again for as long as that takes, so nothing is sent twice. */
  const sendAt = async (at: number) => {
    setAsked(null);
    setTrouble(null);
    try {
      const draft = await call("draft_open", { kind: "outbox", id: entry.id });
      await call("draft_send", { id: draft.id, not_before: at });
    } catch (error) {
      setTrouble(wireOf(error));
    }
  };

  return (
    <li className={styles.entry} data-stage={stage.stage}>
      <div className={styles.what}>
        <p className={styles.subject}>{subject}</p>
        <p className={styles.stage}>{stageText(intl, stage, now)}</p>
      </div>
      <p className={styles.who}>
        <FormattedMessage id="outbox.to" values={{ who: entry.to.join(", ") }} /> · {entry.account}
      </p>
      {stage.stage === "unknown" && (
        <p className={styles.help}>
          <FormattedMessage id="outbox.unknown.help" />
        </p>
      )}
      {entry.error !== null && stage.stage !== "unknown" && <ErrorNotice error={entry.error} />}
      {failure !== null && <ErrorNotice error={failure} />}
      <Buttons>
        {deeds.send !== null && (
          <Button disabled={retry.isPending} onClick={() => retry.mutate({ id: entry.id })}>
            <FormattedMessage id={retry.isPending ? "outbox.trying" : `outbox.${deeds.send}`} />
          </Button>
        )}
        {deeds.edit && (
          <Button onClick={() => open({ kind: "outbox", id: entry.id })}>
            <FormattedMessage id="outbox.edit" />
          </Button>
        )}
        {deeds.time && (
          <Button onClick={() => setAsked("time")}>
            <FormattedMessage id="outbox.time" />
          </Button>
        )}
        {deeds.discard !== null && (
          <Button
            look={deeds.discard === "discard" ? "danger" : "plain"}
            disabled={discard.isPending}
            onClick={() =>
              deeds.discard === "remove" ? discard.mutate({ id: entry.id }) : setAsked("discard")
            }
          >
            <FormattedMessage id={`outbox.${deeds.discard}`} />
          </Button>
        )}
      </Buttons>
      {asked === "time" && (
        <Suspense fallback={null}>
          <SendTimeSheet
            start={"at" in stage ? stage.at : null}
            onChoose={(at) => void sendAt(at)}
            onClose={() => setAsked(null)}
          />
        </Suspense>
      )}
      {asked === "discard" && (
        <Ask
          isDanger
          title={intl.formatMessage({ id: "outbox.discard.title" })}
          help={intl.formatMessage({ id: "outbox.discard.help" }, { subject })}
          yes={intl.formatMessage({ id: "outbox.discard" })}
          no={intl.formatMessage({ id: "compose.discard.no" })}
          onYes={() => {
            setAsked(null);
            discard.mutate({ id: entry.id });
          }}
          onNo={() => setAsked(null)}
        />
      )}
    </li>
  );
}

function wireOrNull(error: Error | null): WireError | null {
  return error === null ? null : wireOf(error);
}
