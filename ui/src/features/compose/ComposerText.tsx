import { lazy, Suspense } from "react";
import type { Ref } from "react";
import { useIntl } from "react-intl";

import type { DraftFile } from "../../ipc/contract";
import { Loading } from "../../shared/Blank";
import styles from "./Composer.module.css";
import type { Content } from "./content";
import { QuotePiece, SignaturePiece } from "./Pieces";
import { PlainTextField } from "./PlainTextField";
import type { TextHandle } from "./RichText";
import type { DraftSession } from "./session";
import type { Attaching } from "./useAttaching";
import type { TextForm } from "./useTextForm";

const RichText = lazy(() => import("./RichText"));

interface ComposerTextProps {
  session: DraftSession;
  content: Content;
  files: readonly DraftFile[];
  form: TextForm;
  attaching: Attaching;
  handle: Ref<TextHandle>;
}

/** What the person writes, and below it what the program brings: the signature and the quote. */
export function ComposerText({ session, content, files, form, attaching, handle }: ComposerTextProps) {
  const intl = useIntl();
  const { body, signature, quote } = content;
  const isAlone = signature === null && quote === null;
  const startsHere = session.isAnswer || form.edition > 0;
  const pieces = { draft: session.id, isPlain: body.mode === "plain", files };
  return (
    <>
      <div className={isAlone ? `${styles.writing} ${styles.alone}` : styles.writing}>
        {body.mode === "plain" ? (
          <PlainTextField
            key={form.edition}
            text={body.text}
            startsHere={startsHere}
            onChange={(text) => session.change({ body: { mode: "plain", text } })}
            handle={handle}
          />
        ) : (
          <Suspense fallback={<Loading label={intl.formatMessage({ id: "app.loading" })} />}>
            <RichText
              key={form.edition}
              html={body.html}
              startsHere={startsHere}
              onChange={(html) => session.change({ body: { mode: "rich", html } })}
              onPicture={attaching.attachPicture}
              onFiles={attaching.attachFrom}
              source={attaching.source}
              handle={handle}
            />
          </Suspense>
        )}
      </div>
      {signature !== null && (
        <SignaturePiece {...pieces} piece={signature} onRemove={() => session.change({ signature: null })} />
      )}
      {quote !== null && (
        <QuotePiece
          {...pieces}
          piece={quote}
          onEdit={form.editQuote}
          onRemove={() => session.change({ quote: null })}
        />
      )}
    </>
  );
}
