import { useState } from "react";

import { ownText } from "./content";
import { hasFormatting, htmlOf } from "./html";
import type { DraftSession } from "./session";

export interface TextForm {
  /** Counts how often the text was exchanged from outside: the editor is drawn anew for each. */
  edition: number;
  /** Changes to the other form; what would be lost is asked about first. */
  switchForm: () => void;
  /** Changes to plain text, whatever is lost. */
  toPlain: () => void;
  /** Makes the quote part of the person's own text. */
  editQuote: () => void;
}

/** The two forms of a text, formatted and plain. `onLoss` asks whether formatting may be lost. */
export function useTextForm(session: DraftSession, onLoss: () => void): TextForm {
  const [edition, setEdition] = useState(0);
  const { body, quote } = session.state().content;

  const toPlain = () => session.change({ body: { mode: "plain", text: ownText(body) } });
  return {
    edition,
    toPlain,
    switchForm: () => {
      if (body.mode === "plain") {
        session.change({ body: { mode: "rich", html: htmlOf(body.text) } });
      } else if (
        hasFormatting(body.html) ||
        (quote !== null && hasFormatting(quote.html) && !session.isAnswer)
      ) {
        onLoss();
      } else {
        toPlain();
      }
    },
    editQuote: () => {
      if (quote !== null) {
        session.change({
          quote: null,
          body:
            body.mode === "plain"
              ? { mode: "plain", text: `${body.text.trimEnd()}\n\n${quote.text}` }
              : { mode: "rich", html: `${body.html}<p></p>${quote.html}` },
        });
        setEdition(edition + 1);
      }
    },
  };
}
