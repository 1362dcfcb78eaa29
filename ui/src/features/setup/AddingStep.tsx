import { FormattedMessage } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { Button } from "../../shared/Button";
import { BrowserAnswer } from "./BrowserAnswer";
import { addressOf } from "./state";
import type { State, Step } from "./state";
import { Caution, Sign, StepFoot, StepHead } from "./parts";
import styles from "./parts.module.css";
import type { Send } from "./useWizard";

type AddingStepState = Extract<Step, { kind: "adding" }>;

function leadOf({ form, browser }: AddingStepState): MessageKey {
  if (form !== "browser") {
    return "setup.adding.lead";
  }
  const isOpen = browser !== null && !browser.failed;
  return isOpen ? "setup.browser.lead" : "setup.browser.leadByHand";
}

/** The sign-in while it runs: in the browser, or with a password on its way to the servers. */
export function AddingStep({ state, step, send }: { state: State; step: AddingStepState; send: Send }) {
  const inBrowser = step.form === "browser";
  return (
    <div className={styles.step}>
      <StepHead title={<FormattedMessage id={inBrowser ? "setup.browser.title" : "setup.adding.title"} />}>
        <FormattedMessage id={leadOf(step)} values={{ address: addressOf(state) }} />
      </StepHead>
      <output className={styles.busy}>
        <Sign kind="running" />
        <FormattedMessage
          id={
            inBrowser
              ? step.browser === null
                ? "setup.browser.preparing"
                : "setup.browser.waiting"
              : "setup.adding.waiting"
          }
        />
      </output>
      {step.browser?.failed === true && (
        <Caution>
          <FormattedMessage id="setup.browser.failed" />
        </Caution>
      )}
      {step.browser !== null && (
        <BrowserAnswer
          {...step.browser}
          answer={state.entered.answer}
          onType={(text) => send({ type: "text_typed", field: "answer", text })}
          onAnswer={() => send({ type: "answer_submitted" })}
        />
      )}
      {step.browser !== null && step.from !== "approval" && (
        <div>
          <button type="button" className={styles.link} onClick={() => send({ type: "approval_wanted" })}>
            <FormattedMessage id="approval.pageSays" />
          </button>
        </div>
      )}
      <StepFoot step={2}>
        {step.browser !== null && (
          <Button look="primary" onClick={() => send({ type: "browser_wanted" })}>
            <FormattedMessage id="setup.browser.again" />
          </Button>
        )}
        <Button disabled={step.cancelling} onClick={() => send({ type: "adding_cancelled" })}>
          <FormattedMessage id={step.cancelling ? "setup.cancelling" : "setup.cancel"} />
        </Button>
      </StepFoot>
    </div>
  );
}
