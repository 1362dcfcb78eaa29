import { expect, test } from "vitest";

import type { EventView } from "../../ipc/contract";
import type { Judged } from "../../shared/status/sign";
import { ALL_INBOXES } from "../mail/view";
import type { Scope } from "../mail/view";
import { grouped, isNews, stillNew } from "./arrivals";
import { announcedTrouble, troubleOf } from "./troubles";
import type { Trouble } from "./troubles";

const address = "a@x.pl";
type Arrived = Extract<EventView, { event: "messages_arrived" }>;
const arrived = (role: string | null, folder = "INBOX", count = 1): Arrived => ({
  event: "messages_arrived",
  address,
  folder,
  role,
  messages: [{ id: 1, from: "Ewa", subject: "Hi" }],
  count,
});

test.each<[string, string, Arrived, boolean]>([
  ["inbox", "default", arrived("inbox"), true],
  ["inbox", "default", arrived(null, "Work"), false],
  ["all", "default", arrived(null, "Work"), true],
  ["all", "default", arrived("sent", "Sent"), false],
  ["all", "default", arrived("junk", "Junk"), false],
  ["none", "default", arrived("inbox"), false],
  ["none", "inbox", arrived("inbox"), true],
  ["all", "none", arrived("inbox"), false],
  ["inbox", "default", arrived("inbox", "INBOX", 0), false],
])("notify %s _account %s _of %j _is_news %s", (notify, own, event, expected) => {
  const facts = { settings: { notify }, account: { notify: own }, isFocused: false, scope: null };
  expect(isNews(event, facts)).toBe(expected);
});

test.each<[boolean, Scope | null, boolean]>([
  [true, { address, folder: "INBOX" }, false],
  [true, { address, folder: "inbox" }, false],
  [true, ALL_INBOXES, false],
  [true, { address, folder: "Sent" }, true],
  [true, { address: "b@x.pl", folder: "INBOX" }, true],
  [true, null, true],
  [false, { address, folder: "INBOX" }, true],
])("focused %s _at %j _is_news %s", (isFocused, scope, expected) => {
  const facts = { settings: { notify: "inbox" }, account: { notify: "default" }, isFocused, scope };
  expect(isNews(arrived("inbox"), facts)).toBe(expected);
});

test("messages_that_come_later_join_those_that_nobody_has_seen_to", () => {
  const first = grouped(undefined, arrived("inbox", "INBOX", 2));
  const second = grouped(first, { ...arrived("inbox"), messages: [{ id: 2, from: "Jan", subject: "Yo" }] });
  expect(second.count).toBe(3);
  expect(second.messages.map(({ id }) => id)).toEqual([2, 1]);
});

test("announcement_shrinks_with_what_was_read_and_ends_with_the_last", () => {
  const two = grouped(grouped(undefined, arrived("inbox")), {
    ...arrived("inbox"),
    messages: [{ id: 2, from: "Jan", subject: "Yo" }],
  });
  expect(stillNew(two, new Set([2]))).toMatchObject({ count: 1, messages: [{ id: 1 }] });
  expect(stillNew(two, new Set([1, 2]))).toBeNull();
});

test.each([
  [{ state: "working", condition: "working" }, "none"],
  [{ state: "sign-in-needed", condition: "needs-you" }, "signIn"],
  [{ state: "sign-in-needed", condition: "needs-administrator" }, "trouble"],
  [{ state: "sign-in-needed", condition: "needs-you", approval: { granted_at: 1 } }, "approved"],
  [{ state: "waiting-approval", condition: "needs-administrator", approval: { granted_at: null } }, "none"],
  [{ state: "signed-out", condition: "switched-off" }, "none"],
  [{ state: "working", condition: "waiting-for-network" }, "none"],
  [{ state: "working", condition: "retrying" }, "none"],
  [{ state: "working", condition: "needs-you" }, "trouble"],
])("account %j _has %s", (account, expected) => {
  expect(troubleOf({ approval: null, setup_done: true, ...account } as Judged)).toBe(expected);
});

test.each<[Trouble | undefined, Trouble, Trouble | null]>([
  [undefined, "signIn", null],
  ["none", "signIn", "signIn"],
  ["signIn", "signIn", null],
  ["trouble", "signIn", "signIn"],
  ["signIn", "none", null],
  ["none", "approved", "approved"],
  ["approved", "none", null],
])("trouble %s _then %s _says %s", (before, now, expected) => {
  expect(announcedTrouble(before, now)).toBe(expected);
});
