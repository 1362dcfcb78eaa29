import { Ellipsis, X } from "lucide-react";
import { useId, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { DraftFile } from "../../ipc/contract";
import { Ask } from "../../shared/Ask";
import { Button, IconButton } from "../../shared/Button";
import styles from "./Composer.module.css";
import type { Piece } from "./content";
import { PieceFrame } from "./PieceFrame";

interface SignatureProps {
  draft: number;
  piece: Piece;
  isPlain: boolean;
  files: readonly DraftFile[];
  onRemove: () => void;
}

/** The signature below the text. */
export function SignaturePiece({ draft, piece, isPlain, files, onRemove }: SignatureProps) {
  const intl = useIntl();
  const label = intl.formatMessage({ id: "compose.signature" });
  return (
    <section className={`${styles.piece} ${styles.signature}`} aria-label={label}>
      {isPlain ? (
        <pre className={styles.plainPiece}>{`-- \n${piece.text}`}</pre>
      ) : (
        <PieceFrame draft={draft} html={piece.html} files={files} label={label} />
      )}
      <IconButton label={intl.formatMessage({ id: "compose.signature.remove" })} onClick={onRemove}>
        <X size={15} aria-hidden />
      </IconButton>
    </section>
  );
}

interface QuoteProps {
  draft: number;
  piece: Piece;
  isPlain: boolean;
  files: readonly DraftFile[];
  onEdit: () => void;
  onRemove: () => void;
}

/** What is quoted: three dots until it is opened. */
export function QuotePiece({ draft, piece, isPlain, files, onEdit, onRemove }: QuoteProps) {
  const intl = useIntl();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  // What the editor would lose.
  const isRich = !isPlain && /<(?:table|font)|style=|bgcolor=|data-remote-src/i.test(piece.html);
  const label = intl.formatMessage({ id: isOpen ? "compose.quote.hide" : "compose.quote.show" });
  return (
    <section className={styles.piece} aria-label={intl.formatMessage({ id: "compose.quote.frame" })}>
      <button
        type="button"
        className={styles.fold}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        <Ellipsis size={18} aria-hidden />
      </button>
      {isOpen && (
        <div id={id} className={styles.quote}>
          <div className={styles.pieceDeeds}>
            <Button look="quiet" onClick={() => (isRich ? setAsked(true) : onEdit())}>
              <FormattedMessage id="compose.quote.edit" />
            </Button>
            <Button look="quiet" onClick={onRemove}>
              <FormattedMessage id="compose.quote.remove" />
            </Button>
          </div>
          {isPlain ? (
            <pre className={styles.plainPiece}>{piece.text}</pre>
          ) : (
            <PieceFrame
              draft={draft}
              html={piece.html}
              files={files}
              label={intl.formatMessage({ id: "compose.quote.frame" })}
            />
          )}
        </div>
      )}
      {isAsked && (
        <Ask
          title={intl.formatMessage({ id: "compose.quote.edit.title" })}
          help={intl.formatMessage({ id: "compose.quote.edit.help" })}
          yes={intl.formatMessage({ id: "compose.quote.edit" })}
          no={intl.formatMessage({ id: "app.cancel" })}
          onYes={() => {
            setAsked(false);
            onEdit();
          }}
          onNo={() => setAsked(false)}
        />
      )}
    </section>
  );
}
