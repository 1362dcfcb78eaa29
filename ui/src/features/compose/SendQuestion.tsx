import { useIntl } from "react-intl";

import { Ask } from "../../shared/Ask";
import type { Question } from "./sending";

interface SendQuestionProps {
  question: Question;
  onSend: () => void;
  onStay: () => void;
}

/** A question before the message is sent. */
export function SendQuestion({ question, onSend, onStay }: SendQuestionProps) {
  const intl = useIntl();
  return (
    <Ask
      title={intl.formatMessage({ id: `compose.ask.${question.ask}` })}
      help={intl.formatMessage(
        { id: `compose.ask.${question.ask}.help` },
        { word: question.ask === "attachment" ? question.word : "" },
      )}
      yes={intl.formatMessage({ id: "compose.ask.send" })}
      no={intl.formatMessage({ id: "compose.ask.back" })}
      onYes={onSend}
      onNo={onStay}
    />
  );
}
