import { useImperativeHandle, useRef, useState } from "react";
import type { Ref } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import styles from "./Composer.module.css";
import type { Content } from "./content";
import { RecipientField } from "./RecipientField";
import type { RecipientFieldHandle, RecipientFieldName } from "./RecipientField";
import { withoutRepeats } from "./recipients";

export type RecipientsPart = Partial<Pick<Content, RecipientFieldName>>;

export interface RecipientsHandle {
  /** Shows a field, if it is hidden, and takes the keyboard there. */
  focus: (field: RecipientFieldName) => void;
  /** Takes what stands half typed in a field as a recipient too. */
  finish: () => void;
}

interface RecipientsProps {
  content: Content;
  onChange: (part: RecipientsPart) => void;
  /** Says something to a screen reader. */
  say: (text: string) => void;
  handle?: Ref<RecipientsHandle>;
}

/** The three fields for recipients. The two for copies are there when they are wanted. */
export function Recipients({ content, onChange, say, handle }: RecipientsProps) {
  const intl = useIntl();
  const [isCcShown, setCcShown] = useState(content.cc.length > 0);
  const [isBccShown, setBccShown] = useState(content.bcc.length > 0);
  const to = useRef<RecipientFieldHandle>(null);
  const cc = useRef<RecipientFieldHandle>(null);
  const bcc = useRef<RecipientFieldHandle>(null);

  const show = (field: RecipientFieldName) => {
    if (field === "cc") {
      setCcShown(true);
    }
    if (field === "bcc") {
      setBccShown(true);
    }
  };
  const focus = (field: RecipientFieldName) => {
    show(field);
    const target = { to, cc, bcc }[field];
    if (target.current === null) {
      // After the drawing: the field comes with it.
      requestAnimationFrame(() => target.current?.focus());
    } else {
      target.current.focus();
    }
  };
  useImperativeHandle(handle, () => ({
    focus,
    finish: () => {
      for (const field of [to, cc, bcc]) {
        field.current?.finish();
      }
    },
  }));

  const setRecipients = (field: RecipientFieldName) => (values: readonly string[]) => {
    onChange({ [field]: values });
  };
  const moveRecipient = (who: string, from: RecipientFieldName, into: RecipientFieldName) => {
    show(into);
    onChange({
      [from]: content[from].filter((other) => other !== who),
      [into]: withoutRepeats([...content[into], who]),
    });
    say(
      intl.formatMessage(
        { id: "compose.people.moved" },
        { who, field: intl.formatMessage({ id: `compose.${into}` }) },
      ),
    );
  };
  const stepRecipient = (from: RecipientFieldName) => (who: string, step: 1 | -1) => {
    const order: RecipientFieldName[] = ["to", "cc", "bcc"];
    const into = order[order.indexOf(from) + step];
    if (into !== undefined) {
      moveRecipient(who, from, into);
    }
  };

  return (
    <>
      <div className={styles.toRow}>
        <RecipientField
          field="to"
          label={intl.formatMessage({ id: "compose.to" })}
          values={content.to}
          onChange={setRecipients("to")}
          onTake={(who, from) => moveRecipient(who, from, "to")}
          onMove={stepRecipient("to")}
          say={say}
          handle={to}
        />
        {(!isCcShown || !isBccShown) && (
          <div className={styles.copies}>
            {!isCcShown && (
              <Button
                look="quiet"
                aria-label={intl.formatMessage({ id: "compose.showCc.label" })}
                onClick={() => focus("cc")}
              >
                <FormattedMessage id="compose.showCc" />
              </Button>
            )}
            {!isBccShown && (
              <Button
                look="quiet"
                aria-label={intl.formatMessage({ id: "compose.showBcc.label" })}
                onClick={() => focus("bcc")}
              >
                <FormattedMessage id="compose.showBcc" />
              </Button>
            )}
          </div>
        )}
      </div>
      {isCcShown && (
        <RecipientField
          field="cc"
          label={intl.formatMessage({ id: "compose.cc" })}
          values={content.cc}
          onChange={setRecipients("cc")}
          onTake={(who, from) => moveRecipient(who, from, "cc")}
          onMove={stepRecipient("cc")}
          say={say}
          handle={cc}
        />
      )}
      {isBccShown && (
        <RecipientField
          field="bcc"
          label={intl.formatMessage({ id: "compose.bcc" })}
          values={content.bcc}
          onChange={setRecipients("bcc")}
          onTake={(who, from) => moveRecipient(who, from, "bcc")}
          onMove={stepRecipient("bcc")}
          say={say}
          handle={bcc}
        />
      )}
    </>
  );
}
