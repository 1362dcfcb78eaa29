import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import styles from "./CommandLine.module.css";
import hidden from "./hidden.module.css";

type CopyState = "idle" | "copied" | "refused";

/** A line to type into a terminal, with a button that copies it and says whether that worked. */
export function CommandLine({ command }: { command: string }) {
  const intl = useIntl();
  const [state, setState] = useState<CopyState>("idle");

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      setState("copied");
    } catch {
      setState("refused");
    }
  };

  return (
    <div>
      <div className={styles.line}>
        <code className={styles.command}>{command}</code>
        <button
          type="button"
          className={styles.copy}
          aria-label={intl.formatMessage({ id: "copy.actionFor" }, { command })}
          onClick={() => void copy()}
        >
          <FormattedMessage id={state === "copied" ? "copy.done" : "copy.action"} />
        </button>
      </div>
      <output className={state === "refused" ? styles.refused : hidden.text}>
        {state === "copied" && <FormattedMessage id="copy.done" />}
        {state === "refused" && <FormattedMessage id="copy.refused" />}
      </output>
    </div>
  );
}
