import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { StepFoot, StepHead, Submit } from "./parts";
import styles from "./setup.module.css";
import { NOTIFY } from "./state";
import type { State, Step } from "./state";
import type { Send } from "./useWizard";

type NotifyStepState = Extract<Step, { kind: "notify" }>;

/** What is told about new messages. */
export function NotifyStep({ state, step, send }: { state: State; step: NotifyStepState; send: Send }) {
  return (
    <form
      className={styles.step}
      onSubmit={(event) => {
        event.preventDefault();
        send({ type: "notify_submitted" });
      }}
    >
      <StepHead title={<FormattedMessage id="setup.notify.title" />}>
        <FormattedMessage id="setup.notify.lead" />
      </StepHead>
      {step.error !== null && <ErrorNotice error={step.error} />}
      <fieldset className={styles.group} disabled={step.saving}>
        <legend className={styles.hidden}>
          <FormattedMessage id="setup.notify.title" />
        </legend>
        {NOTIFY.map((notify) => (
          <label key={notify} className={styles.check}>
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
      <StepFoot step={5}>
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
