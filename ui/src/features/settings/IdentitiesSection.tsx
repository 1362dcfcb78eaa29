import { lazy, Suspense, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import type { AccountView, IdentitySave, IdentityView } from "../../ipc/contract";
import { tags } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { invalidate } from "../../ipc/tags";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field } from "../../shared/Field";
import fields from "../../shared/Field.module.css";
import { Form, FormFoot } from "../../shared/Form";
import { Sheet } from "../../shared/Sheet";
import { addressProblem } from "../setup/address";
import { useQueryClient } from "@tanstack/react-query";
import { Card, Row, Section } from "./parts";
import styles from "./parts.module.css";
import { useUndoable } from "./useChange";

// The editor is large and rarely wanted.
const SignatureEditor = lazy(() => import("../../shared/signature/SignatureEditor"));

const NEW: IdentityView = { address: "", name: "", is_default: false, signature: "" };

/** The addresses that the account may send as, each with its name and signature. */
export function IdentitiesSection({ account }: { account: AccountView }) {
  const intl = useIntl();
  const door = useDoor();
  const client = useQueryClient();
  const run = useUndoable();
  const [edited, setEdited] = useState<IdentityView | null>(null);

  const fresh = async (work: Promise<unknown>) => {
    try {
      await work;
    } finally {
      await invalidate(client, tags.identity_save.invalidates);
    }
  };
  const put = ({ address, name, is_default, signature }: IdentityView) =>
    fresh(door.call("identity_save", { account: account.address, address, name, is_default, signature }));
  const drop = ({ address }: IdentityView) =>
    fresh(door.call("identity_remove", { account: account.address, address }));

  return (
    <Section
      title={<FormattedMessage id="settings.identities" />}
      hint={<FormattedMessage id="settings.identities.help" />}
    >
      <Card>
        {account.identities.map((identity) => (
          <Row
            key={identity.address}
            label={identity.name === "" ? identity.address : identity.name}
            hint={
              <>
                {identity.name !== "" && <>{identity.address} · </>}
                {identity.is_default && account.identities.length > 1 && (
                  <>
                    <FormattedMessage id="settings.identity.isDefault" /> ·{" "}
                  </>
                )}
                <FormattedMessage
                  id={identity.signature === "" ? "settings.signature.none" : "settings.signature.has"}
                />
              </>
            }
          >
            <Button
              aria-label={intl.formatMessage(
                { id: "settings.identity.editOf" },
                { address: identity.address },
              )}
              onClick={() => setEdited(identity)}
            >
              <FormattedMessage id="settings.edit" />
            </Button>
            {identity.address.toLowerCase() !== account.address.toLowerCase() && (
              <Button
                look="quiet"
                aria-label={intl.formatMessage(
                  { id: "settings.identity.removeOf" },
                  { address: identity.address },
                )}
                onClick={() =>
                  run(
                    identity.address,
                    () => drop(identity),
                    () => put(identity),
                  )
                }
              >
                <FormattedMessage id="settings.removeEntry" />
              </Button>
            )}
          </Row>
        ))}
        <div className={styles.cardFoot}>
          <Button onClick={() => setEdited(NEW)}>
            <FormattedMessage id="settings.identity.add" />
          </Button>
        </div>
      </Card>
      {edited !== null && (
        <IdentitySheet
          account={account}
          identity={edited}
          onClose={() => setEdited(null)}
          onSaved={(saved) => {
            const before = account.identities.find(({ address }) => address === saved.address);
            setEdited(null);
            run(
              saved.address,
              () => Promise.resolve(),
              () => (before === undefined ? drop(saved) : put(before)),
            );
          }}
        />
      )}
    </Section>
  );
}

interface IdentitySheetProps {
  account: AccountView;
  identity: IdentityView;
  onClose: () => void;
  onSaved: (saved: IdentityView) => void;
}

/** One address with its name and signature. */
function IdentitySheet({ account, identity, onClose, onSaved }: IdentitySheetProps) {
  const intl = useIntl();
  const save = useCommandMutation("identity_save");
  const isNew = identity.address === "";
  const [typed, setTyped] = useState(identity);
  const [tried, setTried] = useState(false);
  const problem = isNew ? addressProblem(typed.address) : null;
  const isTaken =
    isNew &&
    account.identities.some(({ address }) => address.toLowerCase() === typed.address.trim().toLowerCase());

  const submit = () => {
    setTried(true);
    if (problem !== null || isTaken) {
      return;
    }
    const saved = { ...typed, address: typed.address.trim(), name: typed.name.trim() };
    const payload: IdentitySave = { account: account.address, ...saved };
    save.mutate(payload, { onSuccess: () => onSaved(saved) });
  };

  return (
    <Sheet
      title={isNew ? intl.formatMessage({ id: "settings.identity.add" }) : identity.address}
      onClose={onClose}
    >
      <Form onSubmit={submit}>
        {isNew && (
          <Field
            type="email"
            label={<FormattedMessage id="settings.identity.address" />}
            hint={<FormattedMessage id="settings.identity.addressHelp" />}
            value={typed.address}
            problem={
              !tried ? undefined : problem !== null ? (
                <FormattedMessage id={`setup.address.${problem}`} />
              ) : isTaken ? (
                <FormattedMessage id="settings.identity.taken" />
              ) : undefined
            }
            onType={(address) => setTyped({ ...typed, address })}
          />
        )}
        <Field
          autoComplete="name"
          label={<FormattedMessage id="settings.identity.name" />}
          hint={<FormattedMessage id="settings.identity.nameHelp" />}
          value={typed.name}
          onType={(name) => setTyped({ ...typed, name })}
        />
        {(isNew || !identity.is_default) && account.identities.length > 0 && (
          <label className={fields.check}>
            <input
              type="checkbox"
              checked={typed.is_default}
              onChange={(event) => setTyped({ ...typed, is_default: event.currentTarget.checked })}
            />
            <FormattedMessage id="settings.identity.makeDefault" />
          </label>
        )}
        <Suspense fallback={<p className={fields.hint}>{intl.formatMessage({ id: "app.loading" })}</p>}>
          <SignatureEditor
            html={identity.signature}
            label={intl.formatMessage({ id: "settings.signature" })}
            onChange={(signature) => setTyped((now) => ({ ...now, signature }))}
          />
        </Suspense>
        {save.error !== null && <ErrorNotice error={wireOf(save.error)} />}
        <FormFoot
          submit={<FormattedMessage id="settings.save" />}
          disabled={save.isPending}
          onCancel={onClose}
        />
      </Form>
    </Sheet>
  );
}
