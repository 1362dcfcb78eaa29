import type { Piece } from "./content";
import { parseHtml, plainOf } from "./html";

// A draft comes back from the core as text and HTML, without classes and ids. What tells the signature and the quote
// from the person's own words is a margin that nobody else writes.
const SIGNATURE_MARGIN = "1.31em";
const QUOTE_MARGIN = "1.37em";

/** The line between a text and its signature (RFC 3676 §4.3). */
const DASHES = "-- ";

/** The parts of a message as one HTML fragment. */
export function joinHtml(own: string, signature: string | null, quote: string | null): string {
  return [
    own,
    signature === null ? "" : `<div style="margin-top:${SIGNATURE_MARGIN}">${signature}</div>`,
    quote === null ? "" : `<div style="margin-top:${QUOTE_MARGIN}">${quote}</div>`,
  ].join("");
}

/** The parts of a message as one plain text. */
export function joinPlain(own: string, signature: string | null, quote: string | null): string {
  return [
    own.trimEnd(),
    signature === null || signature.trim() === "" ? "" : `${DASHES}\n${signature.trimEnd()}`,
    quote ?? "",
  ]
    .filter((part, index) => part !== "" || index === 0)
    .join("\n\n");
}

interface Parts<Own> {
  own: Own;
  signature: Piece | null;
  quote: Piece | null;
}

/** The parts of an HTML fragment that `joinHtml` wrote. In one that it did not write, all is the person's own. */
export function splitHtml(html: string): Parts<string> {
  const body = parseHtml(html);
  const take = (margin: string): Piece | null => {
    const found = [...body.children].findLast(
      (element) =>
        element instanceof HTMLElement && element.localName === "div" && element.style.marginTop === margin,
    );
    found?.remove();
    return found === undefined ? null : { html: found.innerHTML, text: plainOf(found.innerHTML) };
  };
  const quote = take(QUOTE_MARGIN);
  const signature = take(SIGNATURE_MARGIN);
  return { own: body.innerHTML, signature, quote };
}

/** The parts of a plain text that `joinPlain` wrote. `isForwardHead` knows the line over a forwarded message. */
export function splitPlain(text: string, isForwardHead: (line: string) => boolean): Parts<string> {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const quoteAt = startOfQuote(lines, isForwardHead);
  const before = lines.slice(0, quoteAt);
  const dashesAt = before.lastIndexOf(DASHES);
  const quote = lines.slice(quoteAt).join("\n").trimEnd();
  const signature =
    dashesAt < 0
      ? ""
      : before
          .slice(dashesAt + 1)
          .join("\n")
          .trim();
  return {
    own: (dashesAt < 0 ? before : before.slice(0, dashesAt)).join("\n").trimEnd(),
    signature: signature === "" ? null : pieceOfText(signature),
    quote: quote === "" ? null : pieceOfText(quote),
  };
}

function startOfQuote(lines: readonly string[], isForwardHead: (line: string) => boolean): number {
  const forwarded = lines.findIndex(isForwardHead);
  if (forwarded >= 0) {
    return forwarded;
  }
  let at = lines.length;
  while (at > 0 && (lines[at - 1] ?? "").trim() === "") {
    at -= 1;
  }
  const end = at;
  while (at > 0 && (lines[at - 1] ?? "").startsWith(">")) {
    at -= 1;
  }
  if (at === end) {
    return lines.length;
  }
  // The line that says who wrote it stands right above, or with one empty line between.
  const above = (lines[at - 1] ?? "").trim() === "" ? at - 2 : at - 1;
  return (lines[above] ?? "").trim().endsWith(":") ? above : at;
}

/** Plain text as a piece of both forms. */
export function pieceOfText(text: string): Piece {
  const holder = document.createElement("div");
  holder.style.whiteSpace = "pre-wrap";
  holder.textContent = text;
  return { html: holder.outerHTML, text };
}

/** HTML as a piece of both forms; nothing when there is nothing in it. */
export function pieceOfHtml(html: string): Piece | null {
  const text = plainOf(html);
  return text === "" && !/<img\b/i.test(html) ? null : { html, text };
}
