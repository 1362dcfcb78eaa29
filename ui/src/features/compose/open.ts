import type { IntlShape } from "react-intl";

import type { Content, Piece } from "./content";
import { htmlOf, isEmptyHtml } from "./html";
import { pieceOfHtml, pieceOfText, splitHtml, splitPlain } from "./pieces";
import { answerQuote, forwardQuote, isForwardHead } from "./quote";
import type { DraftView } from "../../ipc/contract";

/** What the person sees of a draft that was opened. `prefersPlain` counts for one in which nothing was written yet. */
export function contentOf(intl: IntlShape, view: DraftView, prefersPlain: boolean): Content {
  const { from, to, cc, bcc, subject, text, html } = view;
  const head = { from, to, cc, bcc, subject };
  const quote = quoteOf(intl, view);
  const signature = signatureOf(view.signature);
  const isFresh = quote !== null || signature !== null || (text.trim() === "" && isEmptyHtml(html ?? ""));
  if (isFresh) {
    const isPlain = prefersPlain && isEmptyHtml(html ?? "");
    return {
      ...head,
      body: isPlain ? { mode: "plain", text } : { mode: "rich", html: freshHtml(text, html) },
      signature,
      quote,
    };
  }
  if (html === null) {
    const parts = splitPlain(text, isForwardHead);
    return {
      ...head,
      body: { mode: "plain", text: parts.own },
      signature: parts.signature,
      quote: parts.quote,
    };
  }
  const parts = splitHtml(html);
  return {
    ...head,
    body: { mode: "rich", html: parts.own, isAsKept: true },
    signature: parts.signature,
    quote: parts.quote,
  };
}

function freshHtml(text: string, html: string | null): string {
  return html !== null && !isEmptyHtml(html) ? html : htmlOf(text);
}

function quoteOf(intl: IntlShape, { quote, kind }: DraftView): Piece | null {
  if (quote === null) {
    return null;
  }
  return kind === "forward" ? forwardQuote(intl, quote) : answerQuote(intl, quote);
}

/** A signature as a piece; identities keep HTML, or text from older versions. */
export function signatureOf(signature: string | null): Piece | null {
  if (signature === null || signature.trim() === "") {
    return null;
  }
  return /<[a-z][^>]*>/i.test(signature) ? pieceOfHtml(signature) : pieceOfText(signature.trim());
}
