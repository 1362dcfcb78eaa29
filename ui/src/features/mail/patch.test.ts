import { expect, test } from "vitest";

import type { MessageRow } from "../../ipc/contract";
import { firstPage } from "./loaded";
import { patched } from "./patch";
import { makeMessage, makeRow } from "./samples.test-data";

const rows = [makeRow({ id: 1 }), makeRow({ id: 2 })];
const without2 = (row: MessageRow) => (row.id === 2 ? null : row);
const star = (row: MessageRow) => ({ ...row, flags: ["\\Flagged"] });

test("row_taken_out_leaves_a_list_and_not_its_conversation", () => {
  const list = firstPage({ messages: rows, cursor: "c" });
  expect(patched(list, without2)).toEqual({ ...list, rows: [rows[0]] });
  expect(patched(rows, without2)).toEqual(rows);
});

test("row_changed_is_changed_in_a_search_too", () => {
  expect(patched({ messages: rows, complete: true }, star).messages.map(({ flags }) => flags)).toEqual([
    ["\\Flagged"],
    ["\\Flagged"],
  ]);
});

test("open_message_stays_when_its_row_goes", () => {
  const message = makeMessage({ row: makeRow({ id: 2 }) });
  expect(patched(message, without2)).toEqual(message);
  expect(patched(message, star).row?.flags).toEqual(["\\Flagged"]);
});
