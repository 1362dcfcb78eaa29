import { createIntl } from "react-intl";
import { expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { ExpiryView } from "../../ipc/contract";
import { expiryTitle, helpOf, nearOf } from "./expiry";

const EXPIRY: ExpiryView = {
  key: "client_secret Ours",
  what: "client_secret",
  subject: "Ours",
  at: Date.UTC(2026, 11, 7, 12),
  days_left: 14,
  fixer: "administrator",
  accounts: [],
  url: null,
  is_near: true,
  is_due: true,
};

test("only_what_is_near_and_concerns_the_account_is_shown", () => {
  const all = [
    EXPIRY,
    { ...EXPIRY, key: "far", is_near: false },
    { ...EXPIRY, key: "own", accounts: ["a@x.pl"] },
    { ...EXPIRY, key: "other", accounts: ["b@x.pl"] },
  ];
  expect(nearOf(all, "a@x.pl").map(({ key }) => key)).toEqual(["client_secret Ours", "own"]);
});

test.each(LOCALES)("every_end_has_words_in %s", (locale) => {
  const intl = createIntl({ locale, messages: MESSAGES[locale] });
  for (const what of [
    "grant",
    "certificate",
    "client_secret",
    "service",
    "imap",
    "password",
    "smtp_password",
  ]) {
    for (const days_left of [30, 1, 0, -3]) {
      const title = expiryTitle(intl, { ...EXPIRY, what, days_left });
      expect(title).toContain("Ours");
      expect(title).toContain("2026");
    }
    expect(helpOf(intl, { what })).not.toBe("");
  }
});

test("end_is_told_in_days_and_when_it_is_over", () => {
  const intl = createIntl({ locale: "en", messages: MESSAGES.en });
  const title = (days_left: number) => expiryTitle(intl, { ...EXPIRY, days_left });
  expect(title(14)).toBe("The secret of the registration Ours ends in 14 days (December 7, 2026)");
  expect(title(1)).toContain("ends tomorrow at the latest");
  expect(title(0)).toContain("has ended");
});
