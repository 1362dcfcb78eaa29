import { cleanup, render, screen } from "@testing-library/react";
import { createIntl } from "react-intl";
import { afterEach, describe, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import { Translations } from "../../i18n/Translations";
import { errorCodes } from "../../ipc/contract";
import type { WireError } from "../../ipc/contract";
import { ErrorNotice, errorMessageId } from "./ErrorNotice";
import { errorText } from "./text";

const FACTS: WireError["params"] = {
  accounts: "anna@example.com",
  host: "imap.example.com",
  port: 993,
  address: "anna@example.com",
  text: "anna@",
  provider: "Example Mail",
  domain: "example.com",
  issuer: "https://id.example.com",
  url: "https://example.com/app",
  signed_in: "eve@example.com",
  asked: "anna@example.com",
  servers: "imap.example.com:993:tls",
  folder: "Work",
  recipient: "eve@example.com",
  size: 30_000_000,
  limit: 25_000_000,
  path: "/tmp/a b",
  reason: "self_signed",
  field: "imap",
  name: "mail_fly",
};

const wire = (code: string, params: WireError["params"] = {}): WireError => ({
  code,
  fixer: "you",
  params,
  detail: "for the log",
});

afterEach(cleanup);

describe.each(LOCALES)("errors in %s", (locale) => {
  const intl = createIntl({ locale, messages: MESSAGES[locale] });

  test.each(errorCodes)("code %s _has_whole_sentences_with_and_without_facts", (code) => {
    expect(errorMessageId(code)).toBe(`error.${code}.title`);
    for (const params of [{}, FACTS]) {
      const { title, help, fixer } = errorText(intl, wire(code, params));
      for (const text of [title, help, fixer]) {
        expect(text.trim()).toBe(text);
        expect(text).not.toMatch(/[{}<>|]|none|undefined| {2}| [.,:]/);
      }
      expect(help).toMatch(/\.$/);
      expect(title).not.toMatch(/\.$/);
    }
  });

  test("code_that_is_not_known_is_said_with_its_name", () => {
    expect(errorText(intl, wire("moon_full")).title).toContain("moon_full");
  });
});

test("facts_stand_in_the_sentence", () => {
  const intl = createIntl({ locale: "en", messages: MESSAGES.en });
  const title = (code: string, params: WireError["params"]) => errorText(intl, wire(code, params)).title;
  expect(title("connect_refused", { host: "imap.x.pl", port: 993 })).toBe(
    "imap.x.pl does not accept connections on port 993",
  );
  expect(title("connect_refused", {})).toBe("The server does not accept connections");
  expect(title("message_too_large", { size: 30_000_000 })).toBe("The message is too large: 30\u00A0MB");
  expect(title("tls_certificate_invalid", { host: "x.pl", reason: "words of the system" })).toBe(
    "The certificate of x.pl is not trusted",
  );
});

test("notice_says_what_happened_who_can_help_and_the_server_words", () => {
  render(
    <Translations locale="en">
      <ErrorNotice error={wire("auth_failed", { host: "imap.x.pl", reply: "NO go away" })} />
    </Translations>,
  );
  const notice = screen.getByRole("alert");
  expect(notice.textContent).toContain("imap.x.pl did not accept the user name or the password");
  expect(notice.textContent).toContain(MESSAGES.en["error.fixer.you"]);
  expect(notice.textContent).toContain("The server said: NO go away");
  expect(notice.textContent).not.toContain("for the log");
});
