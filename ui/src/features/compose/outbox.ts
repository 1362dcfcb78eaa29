import type { IntlShape } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { OutboxView } from "../../ipc/contract";
import { isThisYear } from "../../shared/quantity";
import { dayOf } from "./schedule";

/** A pause that can be taken back is never longer. */
const PAUSE = 60_000;

/** What an entry of the outbox is up to. */
export type OutboxStage =
  | { stage: "scheduled" | "retry"; at: number }
  | { stage: "pause" | "queued" | "sending" | "sent" | "failed" | "unknown" };

export function stageOf(entry: OutboxView, now: number): OutboxStage {
  const { state, attempts, next_at: at } = entry;
  switch (state) {
    case "sending":
    case "failed":
    case "unknown":
      return { stage: state };
    case "sent":
    case "filed":
      return { stage: "sent" };
    default:
      if (at === null || at <= now) {
        return { stage: "queued" };
      }
      if (attempts > 0) {
        return { stage: "retry", at };
      }
      return at - now <= PAUSE ? { stage: "pause" } : { stage: "scheduled", at };
  }
}

/** What can be done with an entry. */
export interface OutboxDeeds {
  /** What the button that sends is called; `null` where there is nothing to send. */
  send: "retry" | "again" | null;
  edit: boolean;
  time: boolean;
  /** `remove` where it may have arrived: then nothing is given up. */
  discard: "discard" | "remove" | null;
}

export function deedsOf({ stage }: OutboxStage): OutboxDeeds {
  switch (stage) {
    case "sending":
    case "sent":
      return { send: null, edit: false, time: false, discard: null };
    case "unknown":
      return { send: "again", edit: false, time: false, discard: "remove" };
    case "failed":
      return { send: "again", edit: true, time: false, discard: "discard" };
    case "scheduled":
    case "pause":
    case "queued":
    case "retry":
      return { send: "retry", edit: true, time: true, discard: "discard" };
  }
}

const STAGES = {
  scheduled: "outbox.state.scheduled",
  retry: "outbox.state.retry",
  pause: "outbox.state.pause",
  queued: "outbox.state.queued",
  sending: "outbox.state.sending",
  sent: "outbox.state.sent",
  failed: "outbox.state.failed",
  unknown: "outbox.state.unknown",
} as const satisfies Record<OutboxStage["stage"], MessageKey>;

export function stageText(intl: IntlShape, stage: OutboxStage, now: number): string {
  return intl.formatMessage(
    { id: STAGES[stage.stage] },
    { when: "at" in stage ? whenText(intl, stage.at, now) : "" },
  );
}

/** A moment to come, in words: "tomorrow at 8:00". */
export function whenText(intl: IntlShape, at: number, now: number): string {
  const time = intl.formatDate(at, { hour: "numeric", minute: "2-digit" });
  switch (dayOf(at, now)) {
    case "past":
    case "today":
      return intl.formatMessage({ id: "outbox.when.today" }, { time });
    case "tomorrow":
      return intl.formatMessage({ id: "outbox.when.tomorrow" }, { time });
    case "week":
      return intl.formatMessage(
        { id: "outbox.when.week" },
        { day: intl.formatDate(at, { weekday: "long", day: "numeric", month: "long" }), time },
      );
    case "later":
      return intl.formatDate(at, {
        day: "numeric",
        month: "long",
        ...(isThisYear(at, now) ? {} : { year: "numeric" }),
        hour: "numeric",
        minute: "2-digit",
      });
  }
}

/** Entries that stand in the outbox, and how many of them need a person. What is in Sent stands there no more. */
export function outboxCounts(entries: readonly OutboxView[]): { waiting: number; failed: number } {
  const failed = entries.filter(({ state }) => state === "failed" || state === "unknown").length;
  const done = entries.filter(({ state }) => state === "filed").length;
  return { waiting: entries.length - done, failed };
}
