import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { RegistrationView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field, SelectField } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { isIssuer } from "../setup/state";
import { RegistrationSteps } from "./RegistrationSteps";
import { SERVICES, isService, serviceName } from "./services";
import type { Service } from "./services";
import styles from "./RegistrationForm.module.css";

interface RegistrationFormProps {
  /** The one to change; `null` for a new one. */
  registration: RegistrationView | null;
  onClose: () => void;
}

/** A moment as the field for dates takes it; empty for none. */
const dayOf = (at: number | null) => (at === null ? "" : new Date(at).toISOString().slice(0, 10));

/** A client id of the person's own, with the steps that lead to it. */
export function RegistrationForm({ registration, onClose }: RegistrationFormProps) {
  const intl = useIntl();
  const notices = useNotices();
  const save = useCommandMutation("registration_save");
  const known = registration?.service ?? "google";
  const [kind, setKind] = useState<Service | "openid">(isService(known) ? known : "openid");
  const [issuer, setIssuer] = useState(isService(known) ? "" : known);
  const [label, setLabel] = useState(registration?.label ?? "");
  const [clientId, setClientId] = useState(registration?.client_id ?? "");
  const [secret, setSecret] = useState("");
  const [tenant, setTenant] = useState(registration?.tenant ?? "");
  const [ends, setEnds] = useState(dayOf(registration?.secret_ends_at ?? null));
  const [tried, setTried] = useState(false);

  const isOpenId = kind === "openid";
  const isWhole = clientId.trim() !== "" && (!isOpenId || isIssuer(issuer));
  const missing = (words: "settings.registration.idMissing" | "setup.registration.issuerProblem") =>
    tried ? <FormattedMessage id={words} /> : undefined;

  const submit = () => {
    setTried(true);
    if (!isWhole) {
      return;
    }
    const service = isOpenId ? issuer.trim() : kind;
    save.mutate(
      {
        ...(registration === null ? {} : { id: registration.id }),
        label: label.trim() === "" ? serviceName(service) : label.trim(),
        service,
        client_id: clientId.trim(),
        ...(secret === "" ? {} : { client_secret: secret }),
        tenant: kind === "microsoft" ? tenant.trim() : "",
        ...(ends === "" ? {} : { secret_ends_at: Date.parse(ends) }),
      },
      {
        onSuccess: ({ label: kept }) => {
          notices.show({
            text: intl.formatMessage({ id: "settings.registration.kept" }, { name: kept }),
            tone: "plain",
          });
          onClose();
        },
      },
    );
  };

  return (
    <Form onSubmit={submit}>
      {registration === null && (
        <SelectField
          label={<FormattedMessage id="settings.registration.service" />}
          value={kind}
          onPick={(value) => setKind(isService(value) ? value : "openid")}
        >
          {SERVICES.map((service) => (
            <option key={service} value={service}>
              {serviceName(service)}
            </option>
          ))}
          <option value="openid">{intl.formatMessage({ id: "settings.registration.openid" })}</option>
        </SelectField>
      )}
      <details className={styles.details} open={registration === null}>
        <summary>
          <FormattedMessage id="settings.registration.steps" />
        </summary>
        <RegistrationSteps service={kind} />
      </details>
      {isOpenId && (
        <Field
          type="url"
          label={<FormattedMessage id="setup.registration.issuer" />}
          value={issuer}
          disabled={registration !== null}
          problem={isIssuer(issuer) ? undefined : missing("setup.registration.issuerProblem")}
          onType={setIssuer}
        />
      )}
      <Field
        label={<FormattedMessage id="setup.registration.clientId" />}
        value={clientId}
        problem={clientId.trim() === "" ? missing("settings.registration.idMissing") : undefined}
        onType={setClientId}
      />
      <Field
        type="password"
        label={<FormattedMessage id="setup.registration.clientSecret" />}
        hint={
          <FormattedMessage
            id={registration?.has_secret === true ? "settings.registration.secretKept" : "setup.optional"}
          />
        }
        value={secret}
        onType={setSecret}
      />
      {(secret !== "" || registration?.has_secret === true) && (
        <Field
          type="date"
          label={<FormattedMessage id="settings.registration.ends" />}
          hint={<FormattedMessage id="settings.registration.endsHelp" />}
          value={ends}
          onType={setEnds}
        />
      )}
      {kind === "microsoft" && (
        <Field
          label={<FormattedMessage id="setup.registration.tenant" />}
          hint={<FormattedMessage id="setup.registration.tenantHelp" />}
          value={tenant}
          onType={setTenant}
        />
      )}
      <Field
        label={<FormattedMessage id="settings.registration.label" />}
        hint={<FormattedMessage id="settings.registration.labelHelp" />}
        value={label}
        onType={setLabel}
      />
      {save.error !== null && <ErrorNotice error={wireOf(save.error)} />}
      <FormFoot
        submit={<FormattedMessage id="settings.save" />}
        disabled={save.isPending}
        onCancel={onClose}
      />
    </Form>
  );
}
