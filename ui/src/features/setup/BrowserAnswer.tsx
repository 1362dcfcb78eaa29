import { useId } from "react";
import { FormattedMessage } from "react-intl";

import { Button } from "../../shared/Button";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Input } from "./parts";
import styles from "./parts.module.css";
import type { BrowserWait } from "./state";

interface BrowserAnswerProps extends Omit<BrowserWait, "failed"> {
  answer: string;
  onType: (text: string) => void;
  onAnswer: () => void;
}

/** For a browser that does not do everything by itself: the page's address to copy, and a field for what it ended at. */
export function BrowserAnswer({ url, answering, refused, answer, onType, onAnswer }: BrowserAnswerProps) {
  const id = useId();
  return (
    <>
      <section className={styles.group} aria-labelledby={`${id}-url`}>
        <h2 id={`${id}-url`}>
          <FormattedMessage id="setup.browser.url" />
        </h2>
        <CommandLine command={url} />
      </section>
      <form
        className={styles.group}
        onSubmit={(event) => {
          event.preventDefault();
          onAnswer();
        }}
      >
        <Input
          label={<FormattedMessage id="setup.browser.paste" />}
          hint={<FormattedMessage id="setup.browser.pasteHelp" />}
          value={answer}
          onType={onType}
        />
        {refused !== null && <ErrorNotice error={refused} />}
        <div>
          <Button type="submit" disabled={answering || answer.trim() === ""}>
            <FormattedMessage id="setup.browser.answer" />
          </Button>
        </div>
      </form>
    </>
  );
}
