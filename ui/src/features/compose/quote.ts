import type { IntlShape } from "react-intl";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";

import type { Piece } from "./content";
import { isEmptyHtml, plainOf, quoted } from "./html";
import type { DraftQuote } from "../../ipc/contract";

const QUOTE_STYLE = "margin:0 0 0 0.8ex;padding-left:1ex;border-left:2px solid #c4c4c4";

/** The message that is answered, below a line that says who wrote it and when. */
export function answerQuote(intl: IntlShape, message: DraftQuote): Piece {
  const line = attribution(intl, message);
  const lines = message.quoted.trim() === "" ? quoted(linesOf(message)) : [message.quoted.trimEnd()];
  return {
    text: [line, ...lines].join("\n"),
    html: `<div>${escaped(line)}</div><blockquote type="cite" style="${QUOTE_STYLE}">${innerOf(message)}</blockquote>`,
  };
}

/** The message that is passed on, below its most important header fields. */
export function forwardQuote(intl: IntlShape, message: DraftQuote): Piece {
  const fields = forwardFields(intl, message);
  const head = intl.formatMessage({ id: "compose.forward.head" });
  const rows = fields.map(([name, value]) => `<b>${escaped(name)}</b> ${escaped(value)}`);
  return {
    text: [head, ...fields.map(([name, value]) => `${name} ${value}`), "", ...linesOf(message)].join("\n"),
    html: `<div>${[escaped(head), ...rows].join("<br>")}</div><br>${innerOf(message)}`,
  };
}

/** True for the line that `forwardQuote` begins with, in any language of the program. */
export function isForwardHead(line: string): boolean {
  return LOCALES.some((locale) => MESSAGES[locale]["compose.forward.head"] === line.trim());
}

function attribution(intl: IntlShape, { from, date }: DraftQuote): string {
  const who = from.join(", ");
  return date === null
    ? intl.formatMessage({ id: "compose.quote.whoWrote" }, { who })
    : intl.formatMessage(
        { id: "compose.quote.wrote" },
        {
          who,
          date: intl.formatDate(date, { day: "numeric", month: "long", year: "numeric" }),
          time: intl.formatDate(date, { hour: "numeric", minute: "2-digit" }),
        },
      );
}

function forwardFields(intl: IntlShape, message: DraftQuote): [string, string][] {
  const { from, to, cc, subject, date } = message;
  const fields: [string, string][] = [
    [intl.formatMessage({ id: "compose.forward.from" }), from.join(", ")],
    [
      intl.formatMessage({ id: "compose.forward.date" }),
      date === null ? "" : intl.formatDate(date, { dateStyle: "long", timeStyle: "short" }),
    ],
    [intl.formatMessage({ id: "compose.forward.subject" }), subject],
    [intl.formatMessage({ id: "compose.forward.to" }), to.join(", ")],
    [intl.formatMessage({ id: "compose.forward.cc" }), cc.join(", ")],
  ];
  return fields.filter(([, value]) => value !== "");
}

function innerOf({ text, html }: DraftQuote): string {
  return isEmptyHtml(html) ? `<div style="white-space:pre-wrap">${escaped(text)}</div>` : html;
}

function linesOf({ text, html }: DraftQuote): string[] {
  const own = text.trim() === "" ? plainOf(html) : text;
  return own.replaceAll("\r\n", "\n").trimEnd().split("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
