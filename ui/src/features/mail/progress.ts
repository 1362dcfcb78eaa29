import type { EventView } from "../../ipc/contract";

/** How far the load of an account is. */
export interface Load {
  address: string;
  folder: string;
  messages: number;
  messagesTotal: number;
  bytes: number;
  bytesTotal: number;
  /** When this folder's load was first heard of, and how far it was then: what the time left is reckoned from. */
  since: { at: number; messages: number };
  /** Milliseconds left at the pace so far; `null` while that would be a guess. */
  left: number | null;
}

/** The loads that run, by address. */
export type Loads = ReadonlyMap<string, Load>;

export const NO_LOADS: Loads = new Map();

/** A pace is believed after this many milliseconds. */
const TRUSTED_AFTER = 3_000;

/** The loads after an event that came at `at`. */
export function afterEvent(loads: Loads, event: EventView, at: number): Loads {
  if (event.event === "sync_progressed") {
    const next = new Map(loads);
    next.set(event.address, progressed(loads.get(event.address), event, at));
    return next;
  }
  const ends = event.event === "sync_ended" || event.event === "watch_rested";
  if (ends && loads.has(event.address)) {
    const next = new Map(loads);
    next.delete(event.address);
    return next;
  }
  return loads;
}

type Progressed = Extract<EventView, { event: "sync_progressed" }>;

function progressed(before: Load | undefined, event: Progressed, at: number): Load {
  const goesOn = before?.folder === event.folder && before.since.messages <= event.messages;
  const since = goesOn ? before.since : { at, messages: event.messages };
  const elapsed = at - since.at;
  const loaded = event.messages - since.messages;
  const rest = Math.max(0, event.messages_total - event.messages);
  return {
    address: event.address,
    folder: event.folder,
    messages: event.messages,
    messagesTotal: event.messages_total,
    bytes: event.bytes,
    bytesTotal: event.bytes_total,
    since,
    left: elapsed >= TRUSTED_AFTER && loaded > 0 ? (elapsed / loaded) * rest : null,
  };
}

/** The part that is done, from 0 to 1. */
export function share(load: Pick<Load, "messages" | "messagesTotal">): number {
  return load.messagesTotal <= 0 ? 0 : Math.min(1, load.messages / load.messagesTotal);
}

/** A time left in a unit that is no more exact than the reckoning: seconds in tens, then minutes. */
export function roughly(left: number): { unit: "second" | "minute" | "hour"; count: number } {
  const seconds = Math.ceil(left / 1000);
  if (seconds <= 10) {
    return { unit: "second", count: Math.max(1, seconds) };
  }
  if (seconds < 60) {
    return { unit: "second", count: Math.ceil(seconds / 10) * 10 };
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? { unit: "minute", count: minutes } : { unit: "hour", count: Math.ceil(minutes / 60) };
}
