import { lazy, Suspense, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { FormStepFoot, Input, StepForm, StepHead } from "./parts";
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
    <StepForm onSubmit={() => send({ type: "signature_submitted" })}>
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
          <p className={fields.hint}>
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
      <FormStepFoot
        step={6}
        submit="setup.continue"
        isSaving={step.saving}
        onSkip={() => send({ type: "skipped" })}
        onBack={() => send({ type: "went_back" })}
      />
    </StepForm>
  );
}
