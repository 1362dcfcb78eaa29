import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressOf } from "./state";
import type { BrowserWait, State, Step } from "./state";
import { Input, Sign, StepFoot, StepHead } from "./parts";
import styles from "./parts.module.css";
import type { Send } from "./useWizard";

type AddingStepState = Extract<Step, { kind: "adding" }>;

/** The sign-in while it runs: in the browser, or with a password on its way to the servers. */
export function AddingStep({ state, step, send }: { state: State; step: AddingStepState; send: Send }) {
  const inBrowser = step.form === "browser";
  return (
    <div className={styles.step}>
      <StepHead title={<FormattedMessage id={inBrowser ? "setup.browser.title" : "setup.adding.title"} />}>
        <FormattedMessage
          id={inBrowser ? "setup.browser.lead" : "setup.adding.lead"}
          values={{ address: addressOf(state) }}
        />
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
      {step.browser !== null && <Browser browser={step.browser} answer={state.entered.answer} send={send} />}
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

function Browser({ browser, answer, send }: { browser: BrowserWait; answer: string; send: Send }) {
  return (
    <>
      <section className={styles.group} aria-labelledby="setup-url">
        <h2 id="setup-url">
          <FormattedMessage id="setup.browser.url" />
        </h2>
        <CommandLine command={browser.url} />
      </section>
      <form
        className={styles.group}
        onSubmit={(event) => {
          event.preventDefault();
          send({ type: "answer_submitted" });
        }}
      >
        <Input
          label={<FormattedMessage id="setup.browser.paste" />}
          hint={<FormattedMessage id="setup.browser.pasteHelp" />}
          value={answer}
          onType={(text) => send({ type: "text_typed", field: "answer", text })}
        />
        {browser.refused !== null && <ErrorNotice error={browser.refused} />}
        <div>
          <Button type="submit" disabled={browser.answering || answer.trim() === ""}>
            <FormattedMessage id="setup.browser.answer" />
          </Button>
        </div>
      </form>
    </>
  );
}
