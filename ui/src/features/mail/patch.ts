import type { MessagePage, MessageRow, MessageView, SearchPage } from "../../ipc/contract";

/** What becomes of a row; `null` takes it out of the lists. */
export type RowPatch = (row: MessageRow) => MessageRow | null;

/** The shapes in which rows are kept: pages of a list, a search's reply, one message. */
export type WithRows = { pages: MessagePage[]; pageParams: unknown[] } | SearchPage | MessageView;

/** A kept reply after a change, so that the screen need not wait for the server to hear of it. */
export function patched<D extends WithRows>(data: D, patch: RowPatch): D {
  if ("pages" in data) {
    const pages = data.pages.map((page) => ({ ...page, messages: patchedRows(page.messages, patch) }));
    return { ...data, pages };
  }
  if ("messages" in data) {
    return { ...data, messages: patchedRows(data.messages, patch) };
  }
  // An open message stays readable when its row goes.
  return data.row === null ? data : { ...data, row: patch(data.row) ?? data.row };
}

function patchedRows(rows: MessageRow[], patch: RowPatch): MessageRow[] {
  return rows.map(patch).filter((row) => row !== null);
}
