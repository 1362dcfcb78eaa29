import { useId } from "react";
import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressOf } from "./state";
import type { State, Step } from "./state";
import { Input, StepFoot, StepHead, Submit } from "./parts";
import { RegistrationFields } from "./RegistrationFields";
import { serverProblem } from "./servers";
import type { Security, ServerKind } from "./servers";
import styles from "./setup.module.css";
import type { Send } from "./useWizard";

type ServersStepState = Extract<Step, { kind: "servers" }>;

/** Servers, user name and password by hand. */
export function ServersStep({ state, step, send }: { state: State; step: ServersStepState; send: Send }) {
  const { entered } = state;
  return (
    <form
      className={styles.step}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send({ type: "servers_submitted" });
      }}
    >
      <StepHead title={<FormattedMessage id="setup.servers.title" />}>
        <FormattedMessage id="setup.servers.lead" values={{ address: addressOf(state) }} />
      </StepHead>
      <ServerFields kind="imap" state={state} step={step} send={send} />
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={entered.sends}
          onChange={(event) => send({ type: "sending_set", sends: event.currentTarget.checked })}
        />
        <FormattedMessage id="setup.servers.sends" />
      </label>
      {entered.sends && <ServerFields kind="smtp" state={state} step={step} send={send} />}
      <fieldset className={styles.group}>
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
            <label key={form} className={styles.check}>
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
            tried={step.tried}
            focusIssuer={step.focus === "issuer"}
          />
        )}
      </fieldset>
      {step.error !== null && <ErrorNotice error={step.error} />}
      <StepFoot step={2}>
        <Submit>
          <FormattedMessage id="setup.signin.password.action" />
        </Submit>
        <Button onClick={() => send({ type: "went_back" })}>
          <FormattedMessage id="setup.back" />
        </Button>
      </StepFoot>
    </form>
  );
}

function ServerFields({
  kind,
  state,
  step,
  send,
}: {
  kind: ServerKind;
  state: State;
  step: ServersStepState;
  send: Send;
}) {
  const id = useId();
  const form = state.entered[kind];
  const problem = step.tried ? serverProblem(form) : null;
  return (
    <fieldset className={styles.group}>
      <legend>
        <FormattedMessage id={`setup.servers.${kind}`} />
      </legend>
      <div className={styles.server}>
        <Input
          focused={step.focus === kind || (kind === "imap" && step.error === null && !step.tried)}
          label={<FormattedMessage id="setup.servers.host" />}
          inputMode="url"
          value={form.host}
          onType={(text) => send({ type: "server_typed", server: kind, field: "host", text })}
          problem={problem === "host" ? <FormattedMessage id="setup.servers.hostProblem" /> : undefined}
        />
        <Input
          label={<FormattedMessage id="setup.servers.port" />}
          inputMode="numeric"
          value={form.port}
          onType={(text) => send({ type: "server_typed", server: kind, field: "port", text })}
          problem={problem === "port" ? <FormattedMessage id="setup.servers.portProblem" /> : undefined}
        />
        <div className={styles.field}>
          <label htmlFor={id}>
            <FormattedMessage id="setup.servers.security" />
          </label>
          <select
            id={id}
            className={styles.input}
            value={form.security}
            onChange={(event) =>
              send({
                type: "security_chosen",
                server: kind,
                security: event.currentTarget.value as Security,
              })
            }
          >
            <option value="tls">TLS</option>
            <option value="starttls">STARTTLS</option>
          </select>
        </div>
      </div>
    </fieldset>
  );
}
