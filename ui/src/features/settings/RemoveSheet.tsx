import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, RemovalPreview } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { sortedOperations } from "../../shared/operations";
import { size } from "../../shared/quantity";
import { Sheet } from "../../shared/Sheet";
import { Receipt } from "./Receipt";
import styles from "./RemoveSheet.module.css";

/** Asks what of an account goes, with what is lost by it, and says afterwards what went and what stays. */
export function RemoveSheet({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const intl = useIntl();
  const { address } = account;
  const remove = useCommandMutation("account_remove");
  const seen = useCommandMutation("removal_seen");
  const [choice, setChoice] = useState({ messages: true, completions: true, older_secrets: false });
  const receipt = remove.data;
  // Nothing to ask of an account that is gone.
  const preview = useCommandQuery(
    "removal_preview",
    { address },
    { enabled: receipt === undefined && !remove.isPending },
  );
  const close = () => {
    if (receipt !== undefined) {
      seen.mutate({ address });
    }
    onClose();
  };
  const title = receipt === undefined ? "title" : receipt.keeps_mail ? "signedOut" : "done";
  return (
    <Sheet
      isQuestion
      title={intl.formatMessage({ id: `settings.remove.${title}` }, { address })}
      onClose={close}
    >
      {receipt !== undefined ? (
        <Receipt receipt={receipt} onClose={close} />
      ) : (
        <>
          {preview.isPending && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
          {preview.error !== null && <ErrorNotice error={wireOf(preview.error)} />}
          {preview.data !== undefined && (
            <>
              <Lost preview={preview.data} goes={choice.messages} />
              <Choices preview={preview.data} choice={choice} onChoose={setChoice} />
            </>
          )}
          {remove.error !== null && <ErrorNotice error={wireOf(remove.error)} />}
          <Buttons>
            <Button
              look="danger"
              disabled={remove.isPending || preview.data === undefined}
              onClick={() => remove.mutate({ address, ...choice })}
            >
              <FormattedMessage
                id={
                  remove.isPending
                    ? "settings.remove.running"
                    : choice.messages
                      ? "settings.remove.yes"
                      : "settings.remove.signOut"
                }
              />
            </Button>
            <Button disabled={remove.isPending} onClick={onClose}>
              <FormattedMessage id="settings.remove.no" />
            </Button>
          </Buttons>
        </>
      )}
    </Sheet>
  );
}

/** What waits, and would never reach the server. It comes first. */
function Lost({ preview, goes }: { preview: RemovalPreview; goes: boolean }) {
  const { outbox, drafts } = preview;
  const operations = sortedOperations(preview.operations).waiting;
  if (!goes || outbox.length + operations.length + drafts === 0) {
    return null;
  }
  return (
    <section className={styles.lost} aria-labelledby="remove-lost">
      <h3 id="remove-lost">
        <FormattedMessage id="settings.remove.lost" />
      </h3>
      <ul className={styles.points}>
        {outbox.map(({ id, subject, to }) => (
          <li key={id}>
            <FormattedMessage
              id="settings.remove.lost.message"
              values={{ subject: subject === "" ? "none" : subject, to: to.join(", ") }}
            />
          </li>
        ))}
        {operations.length > 0 && (
          <li>
            <FormattedMessage id="settings.remove.lost.changes" values={{ count: operations.length }} />
          </li>
        )}
        {drafts > 0 && (
          <li>
            <FormattedMessage id="settings.remove.lost.drafts" values={{ count: drafts }} />
          </li>
        )}
      </ul>
    </section>
  );
}

interface Choice {
  messages: boolean;
  completions: boolean;
  older_secrets: boolean;
}

/** What goes. The sign-in goes in any case; nothing goes on the server. */
function Choices({
  preview,
  choice,
  onChoose,
}: {
  preview: RemovalPreview;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}) {
  const intl = useIntl();
  const { auth, ends_grant: endsGrant, server, has_other: hasOther } = preview;
  const signIn =
    auth === null ? "none" : auth !== "oauth2" ? "password" : endsGrant ? "grant" : "grantByHand";
  return (
    <fieldset className={styles.choices}>
      <legend>
        <FormattedMessage id="settings.remove.goes" />
      </legend>
      <label className={fields.check}>
        <input type="checkbox" checked disabled />
        <FormattedMessage id={`settings.remove.signIn.${signIn}`} />
      </label>
      <label className={fields.check}>
        <input
          type="checkbox"
          checked={choice.messages}
          onChange={({ currentTarget }) => onChoose({ ...choice, messages: currentTarget.checked })}
        />
        <FormattedMessage
          id="settings.remove.messages"
          values={{ count: preview.messages, size: size(intl, preview.bytes) }}
        />
      </label>
      {choice.messages && preview.completions > 0 && (
        <label className={fields.check}>
          <input
            type="checkbox"
            checked={choice.completions || !hasOther}
            disabled={!hasOther}
            onChange={({ currentTarget }) => onChoose({ ...choice, completions: currentTarget.checked })}
          />
          <FormattedMessage id="settings.remove.completions" values={{ count: preview.completions }} />
        </label>
      )}
      {preview.older_secrets && (
        <label className={fields.check}>
          <input
            type="checkbox"
            checked={choice.older_secrets}
            onChange={({ currentTarget }) => onChoose({ ...choice, older_secrets: currentTarget.checked })}
          />
          <FormattedMessage id="settings.remove.olderSecrets" />
        </label>
      )}
      <p className={fields.hint}>
        {choice.messages ? (
          <FormattedMessage id="settings.remove.stays" values={{ server: server ?? "none" }} />
        ) : (
          <FormattedMessage id="settings.remove.keepsMail" />
        )}
      </p>
    </fieldset>
  );
}
