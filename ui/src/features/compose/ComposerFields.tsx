import { useId } from "react";
import type { Ref } from "react";
import { FormattedMessage } from "react-intl";

import styles from "./Composer.module.css";
import type { Content } from "./content";
import { FromField } from "./FromField";
import { signatureOf } from "./open";
import { Recipients } from "./Recipients";
import type { RecipientsHandle, RecipientsPart } from "./Recipients";
import type { Sender } from "./sending";

interface ComposerFieldsProps {
  content: Content;
  /** The addresses to write as, by account; `null` while they are not known. */
  groups: readonly { account: string; senders: readonly Sender[] }[] | null;
  onChange: (part: Partial<Content>) => void;
  onRecipients: (part: RecipientsPart) => void;
  /** Says something to a screen reader. */
  say: (text: string) => void;
  recipients: Ref<RecipientsHandle>;
  subject: Ref<HTMLInputElement>;
}

/** Whom the message is from, whom it is to, and what it is about. */
export function ComposerFields({
  content,
  groups,
  onChange,
  onRecipients,
  say,
  recipients,
  subject,
}: ComposerFieldsProps) {
  const id = useId();

  const chooseFrom = (address: string) => {
    const senders = groups?.flatMap((group) => group.senders) ?? [];
    const signatureBy = (wanted: string) =>
      signatureOf(senders.find((sender) => sender.address === wanted)?.signature ?? null);
    // A signature that the person left out, or that came with an older draft, is not theirs to exchange.
    const isUsual = (signatureBy(content.from)?.text ?? null) === (content.signature?.text ?? null);
    onChange({ from: address, ...(isUsual ? { signature: signatureBy(address) } : {}) });
  };

  return (
    <div className={styles.fields}>
      <FromField value={content.from} groups={groups ?? []} isKnown={groups !== null} onChange={chooseFrom} />
      <Recipients content={content} onChange={onRecipients} say={say} handle={recipients} />
      <div className={styles.row}>
        <label className={styles.label} htmlFor={`${id}-subject`}>
          <FormattedMessage id="compose.subject" />
        </label>
        <input
          ref={subject}
          id={`${id}-subject`}
          className={styles.subject}
          type="text"
          value={content.subject}
          onChange={(event) => onChange({ subject: event.target.value })}
        />
      </div>
    </div>
  );
}
