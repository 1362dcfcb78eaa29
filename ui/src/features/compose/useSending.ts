import { useState } from "react";
import type { RefObject } from "react";

import type { WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useSettings } from "../../shared/settings/useSettings";
import { useComposing } from "./ComposeProvider";
import { lengthOf } from "./content";
import { messageSize } from "./files";
import type { RecipientsHandle } from "./Recipients";
import { questionsOf, stopsOf } from "./sending";
import type { Question, Sender, Stop } from "./sending";
import { UnsavedError } from "./session";
import type { DraftSession } from "./session";
import { useSentNotice } from "./useSentNotice";

interface SendingNeeds {
  /** Who may send; `null` while that is not known. */
  senders: readonly Sender[] | null;
  recipients: RefObject<RecipientsHandle | null>;
  /** Hears why it was not sent, and `null` when it is tried anew. */
  onFailure: (error: WireError | null) => void;
}

export interface Sending {
  isSending: boolean;
  /** What stands in the way. */
  stops: readonly Stop[];
  /** What is asked before the message goes. */
  question: Question | null;
  /** Sends the message, at once or at a moment in Unix milliseconds. */
  send: (at?: number) => void;
  /** Yes to the question: it goes on. */
  agree: () => void;
  /** No to the question: back to the message. */
  stay: () => void;
  /** What stood in the way may have been put right. */
  forgetStops: () => void;
}

/** One try at sending: the moment that was asked for, and what was agreed to on the way. */
interface Attempt {
  at: number | undefined;
  agreed: readonly Question["ask"][];
}

/** Sending a draft: what stands in the way, what is asked first, and the way into the outbox. */
export function useSending(session: DraftSession, { senders, recipients, onFailure }: SendingNeeds): Sending {
  const { leave } = useComposing();
  const { settings } = useSettings();
  const tellSent = useSentNotice();
  const [stops, setStops] = useState<readonly Stop[]>([]);
  const [asked, setAsked] = useState<(Attempt & { question: Question }) | null>(null);
  const [isSending, setSending] = useState(false);

  const attempt = async ({ at, agreed }: Attempt) => {
    setAsked(null);
    // What stands half typed in a field counts.
    recipients.current?.finish();
    const { content, files, incoming, limit } = session.state();
    const sendable = {
      content,
      attachments: files.filter(({ inline }) => !inline).length,
      incoming,
      size: messageSize(lengthOf(content), files),
      limit,
      senders,
    };
    const found = stopsOf(sendable);
    setStops(found);
    if (found.length > 0) {
      if (found.some(({ stop }) => stop === "nobody" || stop === "address")) {
        recipients.current?.focus("to");
      }
      return;
    }
    const question = questionsOf(sendable, settings).find(({ ask }) => !agreed.includes(ask));
    if (question !== undefined) {
      setAsked({ at, agreed, question });
      return;
    }
    onFailure(null);
    setSending(true);
    try {
      const { id } = await session.send(at);
      leave();
      tellSent(id, at);
    } catch (error) {
      onFailure(error instanceof UnsavedError ? error.wire : wireOf(error));
      setSending(false);
    }
  };

  return {
    isSending,
    stops,
    question: asked?.question ?? null,
    send: (at) => void attempt({ at, agreed: [] }),
    agree: () => {
      if (asked !== null) {
        void attempt({ at: asked.at, agreed: [...asked.agreed, asked.question.ask] });
      }
    },
    stay: () => setAsked(null),
    forgetStops: () => setStops([]),
  };
}
