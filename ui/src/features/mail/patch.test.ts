import { expect, test } from "vitest";

import type { MessageRow } from "../../ipc/contract";
import { patched } from "./patch";
import { makeMessage, makeRow } from "./samples.test-data";

const rows = [makeRow({ id: 1 }), makeRow({ id: 2 })];
const without2 = (row: MessageRow) => (row.id === 2 ? null : row);
const star = (row: MessageRow) => ({ ...row, flags: ["\\Flagged"] });

test("row_taken_out_leaves_every_page_of_a_list", () => {
  const data = { pages: [{ messages: rows, cursor: "c" }], pageParams: [null] };
  expect(patched(data, without2)).toEqual({
    pages: [{ messages: [rows[0]], cursor: "c" }],
    pageParams: [null],
  });
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
