import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import { contentOf } from "./open";
import { toSave } from "./content";
import { joinHtml, joinPlain, splitHtml, splitPlain } from "./pieces";
import { answerQuote, forwardQuote, isForwardHead } from "./quote";
import { ComposeDoor, QUOTE } from "./testing/composeDoor";
import type { DraftView } from "../../ipc/contract";

const intlOf = (locale: (typeof LOCALES)[number]) => createIntl({ locale, messages: MESSAGES[locale] });
const english = intlOf("en");

const draft = async (part: Partial<DraftView>): Promise<DraftView> => {
  const door = new ComposeDoor();
  door.given = part;
  return (await door.call("draft_open", { kind: "new" })) as DraftView;
};

test("answer_quotes_below_a_line_that_says_who_and_when", () => {
  const { text, html } = answerQuote(english, QUOTE);
  expect(text.replaceAll("\u202f", " ")).toBe(
    "On November 20, 2026 at 9:12 AM, Piotr Zieliński <piotr@example.com> wrote:\n> Does 11:00 suit you?",
  );
  expect(html).toContain("Piotr Zieliński &lt;piotr@example.com&gt; wrote:</div><blockquote");
  expect(html).toContain("<p>Does 11:00 suit you?</p></blockquote>");
});

test("answer_to_a_message_without_a_date_names_only_the_person", () => {
  expect(answerQuote(english, { ...QUOTE, date: null }).text).toBe(
    "Piotr Zieliński <piotr@example.com> wrote:\n> Does 11:00 suit you?",
  );
});

test("message_without_html_is_quoted_as_its_text", () => {
  expect(answerQuote(english, { ...QUOTE, html: "", text: "1 < 2" }).html).toContain(
    "1 &lt; 2</div></blockquote>",
  );
});

test("forward_names_the_fields_that_there_are", () => {
  const { text } = forwardQuote(english, QUOTE);
  expect(text.split("\n").map((line) => line.replaceAll("\u202f", " "))).toEqual([
    "---------- Forwarded message ----------",
    "From: Piotr Zieliński <piotr@example.com>",
    "Date: November 20, 2026 at 9:12 AM",
    "Subject: Meeting",
    "To: Ewa Lis <ewa@example.com>",
    "",
    "Does 11:00 suit you?",
  ]);
});

describe.each(LOCALES)("draft in %s", (locale) => {
  const intl = intlOf(locale);
  test.each([
    ["answer", answerQuote(intl, QUOTE)],
    ["forward", forwardQuote(intl, QUOTE)],
  ])("plain %s _saved_and_opened_has_its_parts", (_, quote) => {
    const parts = splitPlain(joinPlain("My words\n\nand more", "Ewa\nFirma", quote.text), isForwardHead);
    expect(parts.own).toBe("My words\n\nand more");
    expect(parts.signature?.text).toBe("Ewa\nFirma");
    expect(parts.quote?.text).toBe(quote.text);
  });
});

test("html_saved_and_opened_has_its_parts", () => {
  const quote = answerQuote(english, QUOTE);
  const parts = splitHtml(joinHtml('<p style="margin:0">Mine</p>', "<p>Ewa</p>", quote.html));
  expect(parts.own).toBe('<p style="margin:0">Mine</p>');
  expect(parts.signature).toEqual({ html: "<p>Ewa</p>", text: "Ewa" });
  expect(parts.quote?.html).toBe(quote.html);
});

test("html_of_another_program_is_the_persons_own", () => {
  const html = '<div style="margin-top:8px">Hello</div><blockquote>Quote</blockquote>';
  expect(splitHtml(html)).toEqual({ own: html, signature: null, quote: null });
});

test("plain_text_of_another_program_is_split_at_its_quote", () => {
  const parts = splitPlain("Hello\n\nEwa wrote:\n> a\n> b\n\n", isForwardHead);
  expect(parts).toMatchObject({ own: "Hello", signature: null, quote: { text: "Ewa wrote:\n> a\n> b" } });
});

test("quote_in_the_middle_of_a_text_stays_there", () => {
  const text = "> a\nyes\n> b\nno";
  expect(splitPlain(text, isForwardHead)).toMatchObject({ own: text, quote: null });
});

test("fresh_answer_has_an_empty_text_above_signature_and_quote", async () => {
  const view = await draft({
    kind: "reply",
    quote: QUOTE,
    signature: "<p>Ewa</p>",
    to: ["piotr@example.com"],
  });
  const content = contentOf(english, view, false);
  expect(content.body).toEqual({ mode: "rich", html: "<p></p>" });
  expect(content.signature?.text).toBe("Ewa");
  const saved = toSave(view.id, content, false);
  expect(saved.text.replaceAll("\u202f", " ")).toBe(
    "\n\n-- \nEwa\n\nOn November 20, 2026 at 9:12 AM, Piotr Zieliński <piotr@example.com> wrote:\n> Does 11:00 suit you?",
  );
});

test("fresh_draft_is_plain_for_those_who_want_that", async () => {
  const view = await draft({ text: "From a link", signature: "Ewa" });
  expect(contentOf(english, view, true).body).toEqual({ mode: "plain", text: "From a link" });
  expect(contentOf(english, view, false).body).toEqual({ mode: "rich", html: "<p>From a link</p>" });
});

test("saved_draft_is_opened_as_it_was_written", async () => {
  const view = await draft({ kind: "reply", quote: QUOTE, signature: "<p>Ewa</p>" });
  const before = { ...contentOf(english, view, false), body: { mode: "rich", html: "<p>Yes</p>" } as const };
  const { text, html } = toSave(view.id, before, false);
  const after = contentOf(english, { ...view, text, html, quote: null, signature: null }, true);
  expect(after.body).toEqual({ mode: "rich", html: '<p style="margin:0">Yes</p>', isAsKept: true });
  expect(toSave(view.id, after, false).html).toBe(html);
  expect(after.quote?.html).toBe(before.quote?.html);
  expect(after.signature?.html).toBe("<p>Ewa</p>");
});

test("draft_of_another_program_goes_back_as_it_was_while_its_text_is_not_touched", async () => {
  const html =
    '<table><tr><td style="color:red">A</td></tr></table><img data-remote-src="https://x.pl/a.png">';
  const view = await draft({ html, text: "A" });
  const content = { ...contentOf(english, view, false), subject: "Other" };
  expect(toSave(view.id, content, false).html).toBe(
    '<table><tbody><tr><td style="color:red">A</td></tr></tbody></table><img data-remote-src="https://x.pl/a.png">',
  );
});
