import { lazy, Suspense, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Input, StepFoot, StepHead, Submit } from "./parts";
import styles from "./setup.module.css";
import { addressOf } from "./state";
import type { State, Step } from "./state";
import type { Send } from "./useWizard";

// The editor is large, and this step may never be reached.
const SignatureEditor = lazy(() => import("../../shared/signature/SignatureEditor"));

type SignatureStepState = Extract<Step, { kind: "signature" }>;

/** The name beside the address and the signature below what is written. */
export function SignatureStep({ state, step, send }: { state: State; step: SignatureStepState; send: Send }) {
  const intl = useIntl();
  // The editor begins with what was typed when the step opened; from then on it knows better.
  const [begun] = useState(state.entered.signature);
  return (
    <form
      className={styles.step}
      onSubmit={(event) => {
        event.preventDefault();
        send({ type: "signature_submitted" });
      }}
    >
      <StepHead title={<FormattedMessage id="setup.signature.title" />}>
        <FormattedMessage id="setup.signature.lead" values={{ address: addressOf(state) }} />
      </StepHead>
      {step.error !== null && <ErrorNotice error={step.error} />}
      <Input
        autoComplete="name"
        focused
        label={<FormattedMessage id="settings.identity.name" />}
        hint={<FormattedMessage id="settings.identity.nameHelp" />}
        value={state.entered.name}
        onType={(text) => send({ type: "text_typed", field: "name", text })}
      />
      <Suspense
        fallback={
          <p className={styles.hint}>
            <FormattedMessage id="app.loading" />
          </p>
        }
      >
        <SignatureEditor
          html={begun}
          label={intl.formatMessage({ id: "settings.signature" })}
          onChange={(text) => send({ type: "text_typed", field: "signature", text })}
        />
      </Suspense>
      <StepFoot step={6}>
        <Submit disabled={step.saving}>
          <FormattedMessage id={step.saving ? "setup.choose.saving" : "setup.continue"} />
        </Submit>
        <Button disabled={step.saving} onClick={() => send({ type: "skipped" })}>
          <FormattedMessage id="setup.skip" />
        </Button>
        <Button disabled={step.saving} onClick={() => send({ type: "went_back" })}>
          <FormattedMessage id="setup.back" />
        </Button>
      </StepFoot>
    </form>
  );
}
