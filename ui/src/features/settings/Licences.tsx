import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { Sheet } from "../../shared/Sheet";
import styles from "./Licences.module.css";

// Made by `cargo xtask licences`; a page that was built without it names the files of the source alone.
const made = import.meta.glob<string>("../../../licences.txt", { query: "?raw", import: "default" });

/** Loads the licences of the libraries in this page and program; `null` when they were not gathered for this build. */
const loadGathered = Object.values(made)[0] ?? null;

/** What the program and the libraries in it may be used under. */
export function Licences({ load = loadGathered }: { load?: (() => Promise<string>) | null }) {
  const intl = useIntl();
  const [text, setText] = useState<string | null>(null);
  return (
    <>
      <p className={styles.text}>
        <FormattedMessage id="settings.licences.own" />
      </p>
      <p className={styles.text}>
        <FormattedMessage id="settings.licences.others" />
      </p>
      {load !== null && (
        <p>
          <Button onClick={() => void load().then(setText)}>
            <FormattedMessage id="settings.licences.show" />
          </Button>
        </p>
      )}
      {text !== null && (
        <Sheet isWide title={intl.formatMessage({ id: "settings.licences" })} onClose={() => setText(null)}>
          {/* What scrolls must be reached by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={styles.whole} tabIndex={0}>
            {text}
          </pre>
        </Sheet>
      )}
    </>
  );
}
