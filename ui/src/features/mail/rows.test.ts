import { expect, test } from "vitest";

import type { ThreadView } from "../../ipc/contract";
import {
  FLAGGED,
  SEEN,
  has,
  idsOf,
  isUnread,
  keyOf,
  isOwn,
  marked,
  ownAddresses,
  seenIn,
  senderOf,
  shortNames,
  tellsRecipients,
  withFlags,
  without,
  writersOf,
} from "./rows";
import { makeRow } from "./samples.test-data";

const thread = (part: Partial<ThreadView> = {}) =>
  makeRow({
    id: 3,
    thread_id: 50,
    thread: { messages: 3, unread: 2, senders: ["Ewa"], recipients: [], ids: [3, 2, 1], ...part },
  });
const set = (...ids: number[]) => new Set(ids);

test("flags_are_set_and_cleared_without_regard_to_case", () => {
  const row = makeRow({ flags: ["\\seen", "work"] });
  expect(has(row, SEEN)).toBe(true);
  expect(withFlags(row, [FLAGGED], [SEEN]).flags).toEqual(["work", "\\Flagged"]);
  expect(withFlags(row, [SEEN], []).flags).toEqual(["work", "\\Seen"]);
});

test.each([
  ["Ewa Lis", "ewa@example.com", "Ewa Lis"],
  ["  ", "ewa@example.com", "ewa@example.com"],
  ["", "", null],
])("sender %j %j _is %j", (from_name, from_address, expected) => {
  expect(senderOf({ from_name, from_address })).toBe(expected);
});

test("thread_is_known_by_its_number_and_stands_for_its_messages", () => {
  expect([keyOf(thread()), idsOf(thread())]).toEqual([50, [3, 2, 1]]);
  expect([keyOf(makeRow({ id: 9 })), idsOf(makeRow({ id: 9 }))]).toEqual([9, [9]]);
});

test.each([
  [makeRow({ flags: [] }), true],
  [makeRow({ flags: [SEEN] }), false],
  [thread({ unread: 1 }), true],
  [thread({ unread: 0 }), false],
])("row %j _unread %s", (row, expected) => {
  expect(isUnread(row)).toBe(expected);
});

test.each([
  [set(1, 2, 3), [SEEN], [], 0],
  [set(2), [SEEN], [], 1],
  [set(1, 2, 3), [], [SEEN], 3],
  [set(2), [], [SEEN], 3],
  [set(9), [SEEN], [], 2],
  [set(2), [FLAGGED], [], 2],
])("thread_marked %j add %j remove %j _has %d unread", (ids, add, remove, expected) => {
  expect(marked(thread(), ids, add, remove).thread?.unread).toBe(expected);
});

test("star_of_the_newest_message_is_the_star_of_the_thread", () => {
  expect(has(marked(thread(), set(3), [FLAGGED], []), FLAGGED)).toBe(true);
  expect(has(marked(thread(), set(1), [FLAGGED], []), FLAGGED)).toBe(false);
});

test("row_without_its_messages_goes_and_a_thread_shrinks", () => {
  expect(without(makeRow({ id: 1 }), set(1))).toBeNull();
  expect(without(thread(), set(1, 2, 3))).toBeNull();
  expect(without(thread(), set(1, 2))?.thread).toMatchObject({ messages: 1, unread: 1, ids: [3] });
  const other = thread();
  expect(without(other, set(9))).toBe(other);
});

const own = ownAddresses([
  {
    address: "Ewa@example.com",
    identities: [{ address: "sklep@example.com", name: "", is_default: false, signature: "" }],
  },
]);
const byMe = makeRow({ from_address: "SKLEP@example.com" });
const myThread = (messages: number) =>
  thread({ messages, unread: 0, ids: Array.from({ length: messages }, (_, id) => id) });

test.each([
  ["sent", makeRow(), true],
  ["drafts", makeRow(), true],
  ["outbox", makeRow(), true],
  ["sent", thread(), true],
  ["inbox", makeRow(), false],
  ["archive", makeRow(), false],
  [null, byMe, true],
  ["all", byMe, true],
  ["trash", byMe, true],
  ["inbox", byMe, false],
  ["junk", byMe, false],
  ["archive", { ...byMe, thread: myThread(1).thread }, true],
  ["archive", { ...byMe, thread: myThread(2).thread }, false],
] as const)("row in %s %j _tells_recipients %s", (role, row, expected) => {
  expect(tellsRecipients(row, role, own)).toBe(expected);
});

test("own_address_is_known_without_regard_to_case", () => {
  expect([isOwn(byMe, own), isOwn(makeRow({ from_address: "" }), own)]).toEqual([true, false]);
});

test.each([
  [["Ewa Lis"], ["Ewa Lis"]],
  [
    ["Ewa Lis", "Nowak, Jan", "iza@example.com"],
    ["Ewa", "Nowak", "iza"],
  ],
  [[], []],
])("people %j _are_short %j", (people, expected) => {
  expect(shortNames(people)).toEqual(expected);
});

test.each([
  [[], [], false],
  [["Ewa Lis"], ["Ewa Lis"], false],
  [["Ewa Lis", "jan@example.com"], ["Ewa", "jan"], false],
  [["Ewa Lis", "Jan Nowak", "Ola", "Piotr Z", "Iza"], ["Ewa", "Piotr", "Iza"], true],
])("writers %j _are_named %j", (senders, names, isCut) => {
  expect(writersOf(senders)).toEqual({ names, isCut });
});

test("what_is_acted_upon_is_named_by_the_folder_in_which_it_is_seen", () => {
  const single = makeRow({ id: 7, folder: "Work", thread: null });
  const other = makeRow({ id: 8, folder: "INBOX", thread: null });
  expect(seenIn([thread(), single, other])).toEqual({ INBOX: [3, 2, 1, 8], Work: [7] });
  expect(seenIn([])).toEqual({});
});
