import { Download, Eye, File, FileImage, FileText, Paperclip, SquareArrowOutUpRight } from "lucide-react";
import { useId, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AttachmentView, WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useHost } from "../../ipc/hostContext";
import { IconButton } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { size } from "../../shared/quantity";
import { previewOf } from "./attachment";
import styles from "./Attachments.module.css";
import { Preview } from "./Preview";

/** The attachments of a message: each can be saved, opened, and looked at where its kind allows it. */
export function Attachments({ id, attachments }: { id: number; attachments: readonly AttachmentView[] }) {
  const intl = useIntl();
  const [looking, setLooking] = useState<number | null>(null);
  const shown = attachments.filter((attachment) => previewOf(attachment) !== null);
  return (
    <section aria-label={intl.formatMessage({ id: "mail.attachments" })}>
      <h3 className={styles.title}>
        <Paperclip size={14} aria-hidden />
        <FormattedMessage id="mail.row.attachments" values={{ count: attachments.length }} />
      </h3>
      <ul className={styles.list}>
        {attachments.map((attachment) => (
          <Part
            key={attachment.part}
            id={id}
            part={attachment.part}
            filename={attachment.filename}
            note={
              attachment.left
                ? intl.formatMessage({ id: "mail.attachment.left" }, { size: size(intl, attachment.size) })
                : size(intl, attachment.size)
            }
            kind={previewOf(attachment)}
            onLook={previewOf(attachment) === null ? undefined : () => setLooking(shown.indexOf(attachment))}
          />
        ))}
      </ul>
      {looking !== null && (
        <Preview
          id={id}
          attachments={shown}
          index={looking}
          onIndex={setLooking}
          onClose={() => setLooking(null)}
        />
      )}
    </section>
  );
}

type Outcome =
  | { state: "idle" | "saving" | "opening" | "refused" | "noProgram" }
  | { state: "saved"; path: string }
  | { state: "failed"; error: WireError };

interface PartProps {
  id: number;
  part: string;
  filename: string;
  note: string;
  kind: ReturnType<typeof previewOf>;
  onLook?: (() => void) | undefined;
}

const ICONS = { picture: FileImage, pdf: FileText };

function Part({ id, part, filename, note, kind, onLook }: PartProps) {
  const intl = useIntl();
  const door = useDoor();
  const host = useHost();
  const noteId = useId();
  const [outcome, setOutcome] = useState<Outcome>({ state: "idle" });
  const isBusy = outcome.state === "saving" || outcome.state === "opening";

  const save = async () => {
    setOutcome({ state: "saving" });
    try {
      const { path } = await door.saveDownload(id, part, filename);
      setOutcome({ state: "saved", path });
    } catch (error) {
      setOutcome({ state: "failed", error: wireOf(error) });
    }
  };
  const open = !host.can.openAttachment
    ? null
    : async () => {
        setOutcome({ state: "opening" });
        try {
          const result = await host.openAttachment({ id, part, filename });
          const states = { opened: "idle", refused: "refused", failed: "noProgram" } as const;
          setOutcome({ state: states[result] });
        } catch (error) {
          setOutcome({ state: "failed", error: wireOf(error) });
        }
      };

  // The large part of the button does what is wanted most: look, else open, else save.
  const [first, label] =
    onLook !== undefined
      ? ([onLook, "mail.attachment.look"] as const)
      : open !== null
        ? ([() => void open(), "mail.attachment.open"] as const)
        : ([() => void save(), "mail.attachment.save"] as const);
  const words = intl.formatMessage({ id: label }, { filename });
  const Icon = kind === null ? File : ICONS[kind];
  return (
    <li className={styles.item}>
      <div className={styles.part}>
        <button
          type="button"
          className={styles.main}
          disabled={isBusy}
          aria-label={words}
          aria-describedby={noteId}
          title={words}
          onClick={first}
        >
          <Icon size={16} aria-hidden />
          <span className={styles.name}>{filename}</span>
          {/* In brackets: the name of a button holds the words on it, but for those (WCAG 2.5.3). */}
          <span id={noteId} className={styles.size}>
            ({note})
          </span>
          {onLook !== undefined && <Eye size={14} aria-hidden className={styles.eye} />}
        </button>
        {open !== null && onLook !== undefined && (
          <IconButton
            label={intl.formatMessage({ id: "mail.attachment.open" }, { filename })}
            disabled={isBusy}
            onClick={() => void open()}
          >
            <SquareArrowOutUpRight size={15} aria-hidden />
          </IconButton>
        )}
        {label !== "mail.attachment.save" && (
          <IconButton
            label={intl.formatMessage({ id: "mail.attachment.save" }, { filename })}
            disabled={isBusy}
            onClick={() => void save()}
          >
            <Download size={15} aria-hidden />
          </IconButton>
        )}
      </div>
      <output className={styles.outcome}>
        {outcome.state === "saving" && <FormattedMessage id="mail.attachment.saving" />}
        {outcome.state === "opening" && <FormattedMessage id="mail.attachment.opening" />}
        {outcome.state === "refused" && <FormattedMessage id="mail.attachment.refused" />}
        {outcome.state === "noProgram" && <FormattedMessage id="mail.attachment.noProgram" />}
        {outcome.state === "saved" && (
          <FormattedMessage id="mail.attachment.saved" values={{ path: outcome.path }} />
        )}
      </output>
      {outcome.state === "failed" && <ErrorNotice error={outcome.error} />}
    </li>
  );
}
