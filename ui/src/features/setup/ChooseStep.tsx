import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { FolderTree } from "./FolderTree";
import { PERIODS } from "./state";
import type { State, Step } from "./state";
import { FormStepFoot, Sign, StepForm, StepHead } from "./parts";
import styles from "./ChooseStep.module.css";
import parts from "./parts.module.css";
import type { Send } from "./useWizard";

type ChooseStepState = Extract<Step, { kind: "choose" }>;

/** How far back, and which folders. */
export function ChooseStep({ state, step, send }: { state: State; step: ChooseStepState; send: Send }) {
  const { entered } = state;
  const none = !entered.everyFolder && entered.folders.length === 0;
  return (
    <StepForm onSubmit={() => send({ type: "choice_submitted" })}>
      <StepHead title={<FormattedMessage id="setup.choose.title" />}>
        <FormattedMessage id="setup.choose.lead" />
      </StepHead>
      {step.error !== null && <ErrorNotice error={step.error} />}
      <fieldset className={parts.group} disabled={step.saving}>
        <legend>
          <FormattedMessage id="setup.choose.period" />
        </legend>
        <div className={styles.periods}>
          {PERIODS.map((period) => (
            <label key={period} className={styles.period}>
              <input
                type="radio"
                name="setup-period"
                checked={entered.period === period}
                onChange={() => send({ type: "period_chosen", period })}
              />
              <span>
                <FormattedMessage id={`setup.period.${period}`} />
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset className={parts.group} disabled={step.saving}>
        <legend>
          <FormattedMessage id="setup.choose.folders" />
        </legend>
        {[true, false].map((every) => (
          <label key={String(every)} className={fields.check}>
            <input
              type="radio"
              name="setup-folders"
              checked={entered.everyFolder === every}
              onChange={() => send({ type: "every_folder_set", every })}
            />
            <FormattedMessage id={every ? "setup.choose.every" : "setup.choose.some"} />
          </label>
        ))}
        {!entered.everyFolder && <Folders state={state} send={send} />}
        {none && (
          <p className={step.tried ? fields.problem : fields.hint}>
            <FormattedMessage id="setup.choose.none" />
          </p>
        )}
      </fieldset>
      <FormStepFoot
        step={4}
        submit="setup.choose.action"
        isSaving={step.saving}
        onBack={() => send({ type: "went_back" })}
      />
    </StepForm>
  );
}

function Folders({ state, send }: { state: State; send: Send }) {
  const { asking, folders, error } = state.folders;
  const chosen = new Set(state.entered.folders);
  return (
    <div className={parts.group} aria-busy={asking}>
      <p className={fields.hint}>
        <FormattedMessage id="setup.choose.parents" />
      </p>
      {error !== null && <ErrorNotice error={error} />}
      {asking && (
        <output className={parts.busy}>
          <Sign kind="running" />
          <FormattedMessage id="setup.choose.asking" />
        </output>
      )}
      {!asking && error === null && folders.length === 0 && (
        <p className={fields.hint}>
          <FormattedMessage id="setup.choose.empty" />
        </p>
      )}
      {folders.length > 0 && (
        <FolderTree
          folders={folders}
          chosen={chosen}
          onToggle={(path) => send({ type: "folder_toggled", path })}
        />
      )}
      <div className={styles.treeFoot}>
        <span className={fields.hint}>
          <FormattedMessage id="setup.choose.chosen" values={{ count: chosen.size }} />
        </span>
        <Button disabled={asking} onClick={() => send({ type: "folders_refreshed" })}>
          <FormattedMessage id="setup.choose.refresh" />
        </Button>
      </div>
    </div>
  );
}
