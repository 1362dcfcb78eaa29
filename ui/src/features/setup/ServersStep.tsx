import { FormattedMessage } from "react-intl";

import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { addressOf, trustedAt } from "./state";
import type { State, Step } from "./state";
import { FormStepFoot, Input, StepForm, StepHead } from "./parts";
import { RegistrationFields } from "./RegistrationFields";
import { ServerFields } from "./ServerFields";
import { serverProblem } from "./servers";
import styles from "./ServersStep.module.css";
import parts from "./parts.module.css";
import type { Send } from "./useWizard";

type ServersStepState = Extract<Step, { kind: "servers" }>;

/** Servers, user name and password by hand. */
export function ServersStep({ state, step, send }: { state: State; step: ServersStepState; send: Send }) {
  const { entered } = state;
  return (
    <StepForm onSubmit={() => send({ type: "servers_submitted" })}>
      <StepHead title={<FormattedMessage id="setup.servers.title" />}>
        <FormattedMessage id="setup.servers.lead" values={{ address: addressOf(state) }} />
      </StepHead>
      <ServerFields
        kind="imap"
        form={entered.imap}
        trusted={trustedAt(entered, entered.imap)}
        problem={step.tried ? serverProblem(entered.imap) : null}
        focused={step.focus === "imap" || (step.error === null && !step.tried)}
        onType={(field, text) => send({ type: "server_typed", server: "imap", field, text })}
        onSecurity={(security) => send({ type: "security_chosen", server: "imap", security })}
      />
      <label className={fields.check}>
        <input
          type="checkbox"
          checked={entered.sends}
          onChange={(event) => send({ type: "sending_set", sends: event.currentTarget.checked })}
        />
        <FormattedMessage id="setup.servers.sends" />
      </label>
      {entered.sends && (
        <ServerFields
          kind="smtp"
          form={entered.smtp}
          trusted={trustedAt(entered, entered.smtp)}
          problem={step.tried ? serverProblem(entered.smtp) : null}
          focused={step.focus === "smtp"}
          onType={(field, text) => send({ type: "server_typed", server: "smtp", field, text })}
          onSecurity={(security) => send({ type: "security_chosen", server: "smtp", security })}
        />
      )}
      <fieldset className={parts.group}>
        <legend>
          <FormattedMessage id="setup.servers.signin" />
        </legend>
        <Input
          label={<FormattedMessage id="setup.servers.username" />}
          hint={<FormattedMessage id="setup.servers.usernameHelp" />}
          autoComplete="username"
          value={entered.username}
          onType={(text) => send({ type: "text_typed", field: "username", text })}
        />
        <div className={styles.choices}>
          {(["password", "browser"] as const).map((form) => (
            <label key={form} className={fields.check}>
              <input
                type="radio"
                name="setup-manual-form"
                checked={entered.manualForm === form}
                onChange={() => send({ type: "manual_form_chosen", form })}
              />
              <FormattedMessage id={`setup.servers.${form}`} />
            </label>
          ))}
        </div>
        {entered.manualForm === "password" ? (
          <Input
            type="password"
            autoComplete="current-password"
            focused={step.focus === "password"}
            label={<FormattedMessage id="setup.signin.password.label" />}
            hint={<FormattedMessage id="setup.signin.kept" />}
            value={entered.password}
            onType={(text) => send({ type: "text_typed", field: "password", text })}
            problem={
              step.tried && entered.password === "" ? (
                <FormattedMessage id="setup.servers.passwordMissing" />
              ) : undefined
            }
          />
        ) : (
          <RegistrationFields
            registration={entered.registration}
            send={send}
            withIssuer
            service={null}
            tried={step.tried}
            focusIssuer={step.focus === "issuer"}
          />
        )}
      </fieldset>
      {step.error !== null && (
        <ErrorNotice error={step.error}>
          {entered.manualForm === "password" && (
            <TrustCertificate
              error={step.error}
              onTrust={(certificate) => send({ type: "certificate_trusted", certificate })}
            />
          )}
        </ErrorNotice>
      )}
      <FormStepFoot
        step={2}
        submit="setup.signin.password.action"
        onBack={() => send({ type: "went_back" })}
      />
    </StepForm>
  );
}
