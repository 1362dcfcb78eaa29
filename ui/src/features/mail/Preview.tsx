import { ChevronLeft, ChevronRight, Download, Minus, Plus, X } from "lucide-react";
import { Suspense, lazy, useEffect, useMemo, useRef, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AttachmentView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { Overlay } from "../../shared/Overlay";
import { bytesOf, pictureType, previewOf, zoomed } from "./attachment";
import styles from "./Preview.module.css";

// The reader of PDF is larger than everything else together and seldom needed.
const PdfView = lazy(() => import("./PdfView"));

interface PreviewProps {
  id: number;
  /** The attachments that can be looked at. */
  attachments: readonly AttachmentView[];
  index: number;
  onIndex: (index: number) => void;
  onClose: () => void;
}

/** Pictures and PDF files of a message, as large as the window. */
export function Preview({ id, attachments, index, onIndex, onClose }: PreviewProps) {
  const intl = useIntl();
  const door = useDoor();
  const notices = useNotices();
  const [zoom, setZoom] = useState(1);
  const attachment = attachments[index];
  const go = (step: number) => {
    const to = index + step;
    if (attachments[to] !== undefined) {
      setZoom(1);
      onIndex(to);
    }
  };
  const save = async () => {
    if (attachment === undefined) {
      return;
    }
    try {
      const { path } = await door.saveDownload(id, attachment.part, attachment.filename);
      notices.show({ tone: "plain", text: intl.formatMessage({ id: "mail.attachment.saved" }, { path }) });
    } catch (error) {
      notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });
    }
  };
  const press = (event: React.KeyboardEvent) => {
    const actions: Record<string, () => void> = {
      ArrowLeft: () => go(-1),
      ArrowRight: () => go(1),
      "+": () => setZoom(zoomed(zoom, 1)),
      "=": () => setZoom(zoomed(zoom, 1)),
      "-": () => setZoom(zoomed(zoom, -1)),
      "0": () => setZoom(1),
    };
    const action = actions[event.key];
    if (action !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      action();
    }
  };

  return (
    <Overlay shape="window" label={attachment?.filename ?? ""} className={styles.preview} onClose={onClose}>
      {/* The keys are those of the whole sheet, whichever of its buttons has the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={styles.inside} onKeyDown={press}>
        <header className={styles.head}>
          <h2 className={styles.name}>{attachment?.filename}</h2>
          {attachments.length > 1 && (
            <>
              <IconButton
                label={intl.formatMessage({ id: "mail.preview.previous" })}
                shortcut="ArrowLeft"
                disabled={index === 0}
                onClick={() => go(-1)}
              >
                <ChevronLeft size={18} aria-hidden />
              </IconButton>
              <span className={styles.count} role="status">
                <FormattedMessage
                  id="mail.preview.place"
                  values={{ index: index + 1, count: attachments.length }}
                />
              </span>
              <IconButton
                label={intl.formatMessage({ id: "mail.preview.next" })}
                shortcut="ArrowRight"
                disabled={index === attachments.length - 1}
                onClick={() => go(1)}
              >
                <ChevronRight size={18} aria-hidden />
              </IconButton>
            </>
          )}
          <IconButton
            label={intl.formatMessage({ id: "mail.preview.smaller" })}
            shortcut="-"
            disabled={zoom <= 0.25}
            onClick={() => setZoom(zoomed(zoom, -1))}
          >
            <Minus size={18} aria-hidden />
          </IconButton>
          <span className={styles.count}>{intl.formatNumber(zoom, { style: "percent" })}</span>
          <IconButton
            label={intl.formatMessage({ id: "mail.preview.larger" })}
            shortcut="+"
            disabled={zoom >= 4}
            onClick={() => setZoom(zoomed(zoom, 1))}
          >
            <Plus size={18} aria-hidden />
          </IconButton>
          <IconButton
            label={intl.formatMessage(
              { id: "mail.attachment.save" },
              { filename: attachment?.filename ?? "" },
            )}
            onClick={() => void save()}
          >
            <Download size={18} aria-hidden />
          </IconButton>
          <IconButton
            // The keys are heard inside the sheet, so the focus has to be there.
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            label={intl.formatMessage({ id: "app.close" })}
            shortcut="Escape"
            onClick={onClose}
          >
            <X size={18} aria-hidden />
          </IconButton>
        </header>
        {attachment !== undefined && (
          <Content key={attachment.part} id={id} attachment={attachment} zoom={zoom} />
        )}
      </div>
    </Overlay>
  );
}

interface ContentProps {
  id: number;
  attachment: AttachmentView;
  zoom: number;
}

function Content({ id, attachment, zoom }: ContentProps) {
  const intl = useIntl();
  const reply = useCommandQuery("message_export", { id, part: attachment.part });
  const base64 = reply.data?.base64 ?? null;
  const bytes = useMemo(() => (base64 === null ? null : bytesOf(base64)), [base64]);
  if (reply.error !== null) {
    return (
      <div className={styles.trouble}>
        <ErrorNotice error={wireOf(reply.error)} />
      </div>
    );
  }
  if (bytes === null) {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  return previewOf(attachment) === "pdf" ? (
    <Suspense fallback={<Loading label={intl.formatMessage({ id: "app.loading" })} />}>
      <PdfView bytes={bytes} zoom={zoom} name={attachment.filename} />
    </Suspense>
  ) : (
    <Picture bytes={bytes} attachment={attachment} zoom={zoom} />
  );
}

interface PictureProps {
  bytes: Uint8Array<ArrayBuffer>;
  attachment: AttachmentView;
  zoom: number;
}

function Picture({ bytes, attachment, zoom }: PictureProps) {
  const image = useRef<HTMLImageElement>(null);
  const [isBroken, setBroken] = useState(false);
  const type = pictureType(attachment);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    if (image.current !== null) {
      image.current.src = made;
    }
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (isBroken) {
    return (
      <p className={styles.broken}>
        <FormattedMessage id="mail.preview.broken" />
      </p>
    );
  }
  return (
    // What can be scrolled has to be within reach of the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={attachment.filename} tabIndex={0} className={styles.stage}>
      <img
        ref={image}
        alt={attachment.filename}
        className={styles.picture}
        // At the usual size a picture fits into the window; beyond it, it grows and the stage scrolls.
        style={zoom === 1 ? undefined : { maxInlineSize: "none", maxBlockSize: "none", zoom }}
        onError={() => setBroken(true)}
      />
    </div>
  );
}
