import { createIntl } from "react-intl";
import { expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { ReceiptLineView, RemovalReceipt } from "../../ipc/contract";
import { lineWords, outcomeOf, receiptText } from "./receiptText";

const line = (what: string, part: Partial<ReceiptLineView> = {}): ReceiptLineView => ({
  what,
  whereabouts: "gone",
  count: 2,
  bytes: 1000,
  page: null,
  error: null,
  ...part,
});

const WHAT = [
  "grant",
  "secrets",
  "older_secrets",
  "messages",
  "words",
  "operations",
  "outbox",
  "drafts",
  "completions",
  "settings",
  "registration",
  "backups",
  "set_aside",
];

test.each(LOCALES)("every_line_has_words_in %s", (locale) => {
  const intl = createIntl({ locale, messages: MESSAGES[locale] });
  for (const what of WHAT) {
    for (const whereabouts of ["gone", "stays", "by_hand", "left"]) {
      const words = lineWords(intl, line(what, { whereabouts }));
      expect(words.what).not.toBe(what);
      expect(words.became).not.toBe("");
    }
  }
});

test("outcome_that_is_not_known_is_looked_at", () => {
  expect(outcomeOf({ whereabouts: "somewhere" })).toBe("left");
});

test("copied_receipt_says_all_that_the_screen_says", () => {
  const intl = createIntl({ locale: "en", messages: MESSAGES.en, timeZone: "UTC" });
  const receipt: RemovalReceipt = {
    address: "a@x.pl",
    at: Date.UTC(2026, 10, 23, 9),
    was_resumed: false,
    keeps_mail: false,
    server: "imap.x.pl",
    messages: 2,
    bytes: 1000,
    revoked: false,
    revoke_error: null,
    secrets_removed: true,
    complete: true,
    lines: [line("grant", { whereabouts: "by_hand", page: "https://x.example/apps" }), line("messages")],
  };
  expect(receiptText(intl, receipt).split("\n")).toEqual([
    "a@x.pl was removed",
    "Monday, November 23, 2026 at 09:00 AM",
    "",
    "Access at the provider: end it yourself on the provider’s page",
    "  https://x.example/apps",
    "2 messages with their files (1\u00A0kB): gone",
    "",
    "On the server imap.x.pl no message changed.",
    "",
  ]);
});
