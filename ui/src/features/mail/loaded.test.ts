import { expect, test } from "vitest";

import { appended, firstPage, markAbove, patchedRows, refreshed } from "./loaded";
import type { Loaded } from "./loaded";
import { makeRow } from "./samples.test-data";

const rows = (...ids: number[]) => ids.map((id) => makeRow({ id }));
const page = (ids: number[], cursor: string | null) => ({ messages: rows(...ids), cursor });
const ids = (loaded: Loaded) => loaded.rows.map(({ id }) => id);

/** Two pages: 9 8 7 and, with the cursor "a", 6 5 4; below is "b". */
const two = appended(firstPage(page([9, 8, 7], "a")), "a", page([6, 5, 4], "b"));
const top = markAbove(two, 0);

test("page_below_is_appended_once", () => {
  expect(ids(two)).toEqual([9, 8, 7, 6, 5, 4]);
  expect(two.cursor).toBe("b");
  expect(appended(two, "a", page([6, 5, 4], "b"))).toBe(two);
});

test.each([
  ["nothing changed", [9, 8, 7], [9, 8, 7, 6, 5, 4]],
  ["one came", [10, 9, 8], [10, 9, 8, 7, 6, 5, 4]],
  ["one went", [9, 7, 6], [9, 7, 6, 5, 4]],
  ["one came and one went", [10, 9, 7], [10, 9, 7, 6, 5, 4]],
  ["an old one came up", [5, 9, 8], [5, 9, 8, 7, 6, 4]],
])("top_asked_again_when %s", (_, answer, expected) => {
  const next = refreshed(two, top, page(answer, "x"), 1);
  expect(ids(next)).toEqual(expected);
  expect(next.cursor).toBe("b");
});

test("top_that_shares_nothing_with_the_list_replaces_it", () => {
  const next = refreshed(two, top, page([30, 29, 28], "x"), 1);
  expect(ids(next)).toEqual([30, 29, 28]);
  expect(next.cursor).toBe("x");
});

test("top_that_is_the_whole_list_ends_it", () => {
  const next = refreshed(two, top, page([9], null), 1);
  expect([ids(next), next.cursor]).toEqual([[9], null]);
});

test("page_in_the_middle_is_exchanged_and_the_rest_stays", () => {
  const three = appended(two, "b", page([3, 2, 1], null));
  const middle = markAbove(three, 4);
  expect(middle.cursor).toBe("a");
  const next = refreshed(three, middle, page([6, 4, 3], "y"), 1);
  expect(ids(next)).toEqual([9, 8, 7, 6, 4, 3, 2, 1]);
  expect(markAbove(next, 4).turn).toBe(1);
  expect(markAbove(next, 0).turn).toBe(0);
});

test("page_whose_row_above_has_gone_is_asked_for_from_the_mark_before", () => {
  const without7 = patchedRows(two, [(row) => (row.id === 7 ? null : row)]);
  expect(markAbove(without7, 4)).toBe(top);
});

const thread = (id: number, threadId: number) =>
  makeRow({
    id,
    thread_id: threadId,
    thread: { messages: 1, unread: 0, senders: [], recipients: [], ids: [id] },
  });

test("thread_with_a_new_message_stands_once_at_the_top", () => {
  const list = firstPage({ messages: [thread(9, 1), thread(8, 2), thread(7, 3)], cursor: "a" });
  const next = refreshed(
    list,
    markAbove(list, 0),
    { messages: [thread(10, 3), thread(9, 1)], cursor: "z" },
    1,
  );
  expect(next.rows.map((row) => [row.id, row.thread_id])).toEqual([
    [10, 3],
    [9, 1],
    [8, 2],
  ]);
});
