import type { EventView } from "../../ipc/contract";

/** How far an export or an import is. */
export interface Transfer {
  /** The folder that is written into files, or filled from them. */
  folder: string;
  done: number;
  /** Messages in all, as far as is known; never less than `done`. */
  all: number;
  bytes: number;
}

/** How far it is after an event. */
export function transferProgress(
  before: Transfer | null,
  event: EventView,
  address: string,
): Transfer | null {
  if (event.event !== "transfer_progressed" || event.address !== address) {
    return before;
  }
  const { folder, messages, messages_total: all, bytes } = event;
  return { folder, done: messages, all: Math.max(messages, all), bytes };
}
