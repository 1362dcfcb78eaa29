import { Download, Paperclip } from "lucide-react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AttachmentView, WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { size } from "../../shared/quantity";
import styles from "./Attachments.module.css";

/** The attachments of a message, each with a button that saves it. */
export function Attachments({ id, attachments }: { id: number; attachments: readonly AttachmentView[] }) {
  const intl = useIntl();
  return (
    <section aria-label={intl.formatMessage({ id: "mail.attachments" })}>
      <h3 className={styles.title}>
        <Paperclip size={14} aria-hidden />
        <FormattedMessage id="mail.row.attachments" values={{ count: attachments.length }} />
      </h3>
      <ul className={styles.list}>
        {attachments.map((attachment) => (
          <SavedPart
            key={attachment.part}
            id={id}
            part={attachment.part}
            filename={attachment.filename}
            note={size(intl, attachment.size)}
          />
        ))}
      </ul>
    </section>
  );
}

/** A button that saves the whole message, for one that is only in part on this computer. */
export function SaveWhole({ id, subject }: { id: number; subject: string }) {
  const intl = useIntl();
  const filename = `${subject.replace(/[^\p{L}\p{N} ._-]+/gu, " ").trim() || "message"}.eml`;
  return (
    <ul className={styles.list}>
      <SavedPart id={id} filename={filename} note={intl.formatMessage({ id: "mail.wholeMessage" })} />
    </ul>
  );
}

type Saving =
  { state: "idle" | "saving" } | { state: "saved"; path: string } | { state: "failed"; error: WireError };

interface SavedPartProps {
  id: number;
  /** Absent for the whole message. */
  part?: string;
  filename: string;
  note: string;
}

function SavedPart({ id, part, filename, note }: SavedPartProps) {
  const intl = useIntl();
  const door = useDoor();
  const [saving, setSaving] = useState<Saving>({ state: "idle" });
  const save = async () => {
    setSaving({ state: "saving" });
    try {
      const { path } = await door.saveDownload(id, part, filename);
      setSaving({ state: "saved", path });
    } catch (error) {
      setSaving({ state: "failed", error: wireOf(error) });
    }
  };
  return (
    <li className={styles.item}>
      <button
        type="button"
        className={styles.part}
        disabled={saving.state === "saving"}
        aria-label={intl.formatMessage({ id: "mail.attachment.save" }, { filename })}
        title={intl.formatMessage({ id: "mail.attachment.save" }, { filename })}
        onClick={() => void save()}
      >
        <span className={styles.name}>{filename}</span>
        <span className={styles.size}>{note}</span>
        <Download size={16} aria-hidden />
      </button>
      <output className={styles.outcome}>
        {saving.state === "saving" && <FormattedMessage id="mail.attachment.saving" />}
        {saving.state === "saved" && (
          <FormattedMessage id="mail.attachment.saved" values={{ path: saving.path }} />
        )}
      </output>
      {saving.state === "failed" && <ErrorNotice error={saving.error} />}
    </li>
  );
}
