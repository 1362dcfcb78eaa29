import { describe, expect, test } from "vitest";

import { makeAccount } from "../mail/samples.test-data";
import type { Content } from "./content";
import { questionsOf, sendersOf, stopsOf } from "./sending";

const content: Content = {
  from: "ewa@example.com",
  to: ["a@x.pl"],
  cc: [],
  bcc: [],
  subject: "Subject",
  body: { mode: "plain", text: "Hello" },
  signature: { html: "<p>See attached</p>", text: "See attached" },
  quote: { html: "<p>attached</p>", text: "> attached" },
};
const senders = [{ account: "ewa@example.com", address: "ewa@example.com", name: "", signature: "" }];
const sendable = (part: Partial<Content> = {}, more: Partial<Parameters<typeof stopsOf>[0]> = {}) => ({
  content: { ...content, ...part },
  attachments: 0,
  incoming: [],
  size: 100,
  limit: 1000,
  senders,
  ...more,
});

describe("what stops a message", () => {
  test.each([
    ["nothing", sendable(), []],
    ["letters_of_the_sender_in_other_case", sendable({ from: "EWA@example.com" }), []],
    ["sender_that_may_not_send", sendable({ from: "other@x.pl" }), [{ stop: "from" }]],
    ["senders_not_known_yet", sendable({ from: "other@x.pl" }, { senders: null }), []],
    ["nobody", sendable({ to: [] }), [{ stop: "nobody" }]],
    ["only_a_hidden_copy", sendable({ to: [], bcc: ["b@x.pl"] }), []],
    ["bad_copy", sendable({ cc: ["b"] }), [{ stop: "address", text: "b", problem: "no_at" }]],
    ["file_on_its_way", sendable({}, { incoming: [{ error: null }] }), [{ stop: "files" }]],
    ["file_failed", sendable({}, { incoming: [{ error: null }, { error: {} }] }), [{ stop: "filesFailed" }]],
    ["too_large", sendable({}, { size: 1001 }), [{ stop: "large", size: 1001, limit: 1000 }]],
    ["no_limit_known", sendable({}, { size: 1e12, limit: null }), []],
  ])("%s", (_, message, stops) => {
    expect(stopsOf(message)).toEqual(stops);
  });
});

describe("what is asked", () => {
  const on = { attachment_reminder: true };
  test.each([
    ["nothing_signature_and_quote_do_not_count", sendable(), on, []],
    ["empty_subject", sendable({ subject: " " }), on, [{ ask: "subject" }]],
    [
      "word_in_the_text",
      sendable({ body: { mode: "rich", html: "<p>I <b>attach</b> it</p>" } }),
      on,
      [{ ask: "attachment", word: "i attach" }],
    ],
    [
      "word_in_the_subject",
      sendable({ subject: "Invoice attached" }),
      on,
      [{ ask: "attachment", word: "attached" }],
    ],
    ["file_is_there", sendable({ subject: "Invoice attached" }, { attachments: 1 }), on, []],
    ["switched_off", sendable({ subject: "Invoice attached" }), { attachment_reminder: false }, []],
  ])("%s", (_, message, settings, questions) => {
    expect(questionsOf(message, settings)).toEqual(questions);
  });
});

test("senders_are_those_of_accounts_that_may_send", () => {
  const smtp = "smtp.x.pl:465:tls";
  const groups = sendersOf([
    makeAccount({ address: "a@x.pl", smtp }),
    makeAccount({ address: "b@x.pl", smtp: null }),
    makeAccount({ address: "c@x.pl", smtp, sending: false }),
  ]);
  expect(groups).toEqual([
    { account: "a@x.pl", senders: [{ account: "a@x.pl", address: "a@x.pl", name: "", signature: "" }] },
  ]);
});
