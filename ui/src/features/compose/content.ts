import type { DraftSave } from "../../ipc/contract";
import { mailHtml, plainOf } from "./html";
import { joinHtml, joinPlain } from "./pieces";

/** A part of a message that the person did not type: a signature, or what is quoted. Both forms say the same. */
export interface Piece {
  /** Safe HTML. */
  html: string;
  text: string;
}

/**
 * What the person types, in one of two forms. `isAsKept` tells HTML that came from the core and was not touched: it
 * goes back as it is.
 */
export type Body = { mode: "rich"; html: string; isAsKept?: boolean } | { mode: "plain"; text: string };

/** A message while it is written. */
export interface Content {
  from: string;
  /** Recipients, `address` or `Name <address>`; what is no address yet as it was typed. */
  to: readonly string[];
  cc: readonly string[];
  bcc: readonly string[];
  subject: string;
  body: Body;
  signature: Piece | null;
  quote: Piece | null;
}

/** The plain text that the person typed themselves. */
export function ownText(body: Body): string {
  return body.mode === "plain" ? body.text : plainOf(body.html);
}

/** About the letters of a message in both its forms. Cheap enough for every key press. */
export function lengthOf({ body, signature, quote }: Content): number {
  const own = body.mode === "plain" ? body.text.length : body.html.length * 2;
  return [signature, quote].reduce(
    (sum, piece) =>
      sum + (piece === null ? 0 : piece.text.length + (body.mode === "plain" ? 0 : piece.html.length)),
    own,
  );
}

/** What the core keeps of a message. */
export function toSave(id: number, content: Content, upload: boolean): DraftSave {
  const { from, to, cc, bcc, subject, body, signature, quote } = content;
  return {
    id,
    from,
    to: [...to],
    cc: [...cc],
    bcc: [...bcc],
    subject,
    text: joinPlain(ownText(body), signature?.text ?? null, quote?.text ?? null),
    html:
      body.mode === "plain"
        ? null
        : joinHtml(
            body.isAsKept === true ? body.html : mailHtml(body.html),
            signature?.html ?? null,
            quote?.html ?? null,
          ),
    upload,
  };
}
