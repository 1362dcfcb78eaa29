import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { approvalWords } from "./approval";
import { Handover } from "./Handover";
import { StepFoot, StepHead } from "./parts";
import styles from "./parts.module.css";
import { addressOf } from "./state";
import type { State, Step } from "./state";
import type { Send } from "./useWizard";

type ApprovalStepState = Extract<Step, { kind: "approval" }>;

/** The organisation has to allow the program first: what to send to whom, and how it goes on. */
export function ApprovalStep({ state, step, send }: { state: State; step: ApprovalStepState; send: Send }) {
  const address = addressOf(state);
  const { account, error } = step;
  const approval = account?.approval ?? null;
  const { title, lead } = approvalWords(approval);
  return (
    <div className={styles.step} data-wide>
      <StepHead title={<FormattedMessage id={title} />}>
        <FormattedMessage id={lead} values={{ address }} />
      </StepHead>
      {error !== null && <ErrorNotice error={error} />}
      {approval !== null && (
        <Handover
          address={address}
          approval={approval}
          isTrying={false}
          onTry={() => send({ type: "approval_tried" })}
        />
      )}
      <StepFoot step={2}>
        {account !== null && (
          <Button onClick={() => send({ type: "approval_left" })}>
            <FormattedMessage id="approval.later" />
          </Button>
        )}
        <Button onClick={() => send({ type: "went_back" })}>
          <FormattedMessage id="setup.back" />
        </Button>
      </StepFoot>
    </div>
  );
}
