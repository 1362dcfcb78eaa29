import { createIntl } from "react-intl";
import { expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { JournalEntryView } from "../../ipc/contract";
import { journalLine, journalText } from "./journal";

const intl = createIntl({ locale: "en", messages: MESSAGES.en, timeZone: "UTC" });
const entry = (kind: string, part: Partial<JournalEntryView> = {}): JournalEntryView => ({
  id: 1,
  kind,
  operation: null,
  proof: null,
  server: null,
  host: null,
  port: null,
  count: null,
  error: null,
  times: 1,
  began_at: 1_795_352_700_000,
  ended_at: 1_795_352_700_000,
  ...part,
});
const timeout = {
  code: "connect_timeout",
  fixer: "provider",
  params: { host: "imap.x.pl" },
  detail: "",
} as const;

test.each([
  [entry("connected", { server: "imap", host: "imap.x.pl", port: 993 }), "Connected to imap.x.pl:993"],
  [
    entry("failed", { operation: "receive", error: timeout }),
    "Receiving failed: imap.x.pl did not answer in time",
  ],
  [entry("recovered", { operation: "send", times: 3 }), "Sending works again (3 times)"],
  [entry("woke", { count: 1 }), "This computer slept for 1 minute"],
  [
    entry("quiet", { count: 5 }),
    "Nothing came for 5 hours; a fresh connection showed that the mailbox is quiet",
  ],
  [entry("sign_in_failed", { error: timeout }), "Sign-in failed: imap.x.pl did not answer in time"],
  [
    entry("test_failed", { proof: "smtp-sign-in", error: timeout }),
    "Tested: “Sending: sign-in” failed: imap.x.pl did not answer in time",
  ],
  [entry("moon_full"), "moon_full"],
])("entry %# _is %s", (value, expected) => {
  expect(journalLine(intl, value)).toBe(expected);
});

const KINDS = [
  "added",
  "signed_in",
  "signed_out",
  "approval_awaited",
  "approval_granted",
  "connected",
  "failed",
  "recovered",
  "servers_changed",
  "network_changed",
  "network_lost",
  "woke",
  "quiet",
  "sign_in_failed",
  "tested",
  "test_failed",
];

test.each(LOCALES)("every_kind_has_words_in %s", (locale) => {
  const own = createIntl({ locale, messages: MESSAGES[locale] });
  for (const kind of KINDS) {
    const line = journalLine(
      own,
      entry(kind, { operation: "flags", proof: "tls", host: "h", port: 1, error: timeout }),
    );
    expect(line).not.toBe(kind);
    expect(line).not.toMatch(/[{}<>|]|undefined|null/);
  }
});

test("journal_is_copied_as_text_oldest_first", () => {
  const entries = [
    entry("added", { began_at: 1_795_352_700_000, ended_at: 1_795_356_300_000 }),
    entry("network_lost"),
  ];
  expect(journalText(intl, "a@x.pl", entries)).toBe(
    "a@x.pl\n11/22/2026, 01:05 PM  No network any more\n11/22/2026, 01:05 PM – 11/22/2026, 02:05 PM  Account added\n",
  );
});
