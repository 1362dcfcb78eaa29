import { FormattedMessage } from "react-intl";

import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import hidden from "../../shared/hidden.module.css";
import { FormStepFoot, StepForm, StepHead } from "./parts";
import styles from "./parts.module.css";
import { NOTIFY } from "./state";
import type { State, Step } from "./state";
import type { Send } from "./useWizard";

type NotifyStepState = Extract<Step, { kind: "notify" }>;

/** What is told about new messages. */
export function NotifyStep({ state, step, send }: { state: State; step: NotifyStepState; send: Send }) {
  return (
    <StepForm onSubmit={() => send({ type: "notify_submitted" })}>
      <StepHead title={<FormattedMessage id="setup.notify.title" />}>
        <FormattedMessage id="setup.notify.lead" />
      </StepHead>
      {step.error !== null && <ErrorNotice error={step.error} />}
      <fieldset className={styles.group} disabled={step.saving}>
        <legend className={hidden.text}>
          <FormattedMessage id="setup.notify.title" />
        </legend>
        {NOTIFY.map((notify) => (
          <label key={notify} className={fields.check}>
            <input
              type="radio"
              name="setup-notify"
              checked={state.entered.notify === notify}
              onChange={() => send({ type: "notify_chosen", notify })}
            />
            <FormattedMessage id={`setup.notify.${notify}`} />
          </label>
        ))}
      </fieldset>
      <FormStepFoot
        step={5}
        submit="setup.continue"
        isSaving={step.saving}
        onSkip={() => send({ type: "skipped" })}
        onBack={() => send({ type: "went_back" })}
      />
    </StepForm>
  );
}
