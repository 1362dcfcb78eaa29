import type { MessageRow, MessageView, SearchPage } from "../../ipc/contract";
import type { Loaded } from "./loaded";
import { patchedRows } from "./loaded";

/** What becomes of a row; `null` takes it out of the lists. */
export type RowPatch = (row: MessageRow) => MessageRow | null;

/** The shapes in which rows are kept: a list as far as it is loaded, a search's reply, a conversation, one message. */
export type WithRows = Loaded | SearchPage | MessageRow[] | MessageView;

/** A kept reply after a change, so that the screen need not wait for the core's answer. */
export function patched<D extends WithRows>(data: D, patch: RowPatch): D {
  if (Array.isArray(data)) {
    // A conversation keeps a message that went to another folder.
    return data.map((row: MessageRow) => patch(row) ?? row) as D;
  }
  if ("rows" in data) {
    return patchedRows(data, [patch]) as D;
  }
  if ("messages" in data) {
    return { ...data, messages: data.messages.map(patch).filter((row) => row !== null) };
  }
  // An open message stays readable when its row goes.
  return data.row === null ? data : { ...data, row: patch(data.row) ?? data.row };
}
