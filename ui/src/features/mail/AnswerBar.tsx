import { Forward, Reply, ReplyAll } from "lucide-react";
import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import styles from "./AnswerBar.module.css";
import type { Answers } from "./rowActions";

/** How to answer, below what was read. */
export function AnswerBar({ answers }: { answers: Answers }) {
  return (
    <div className={styles.answers}>
      <Buttons>
        <Button look="primary" onClick={answers.reply}>
          <Reply size={16} aria-hidden />
          <FormattedMessage id="mail.do.reply" />
        </Button>
        <Button onClick={answers.replyAll}>
          <ReplyAll size={16} aria-hidden />
          <FormattedMessage id="mail.do.replyAll" />
        </Button>
        <Button onClick={answers.forward}>
          <Forward size={16} aria-hidden />
          <FormattedMessage id="mail.do.forward" />
        </Button>
      </Buttons>
    </div>
  );
}
