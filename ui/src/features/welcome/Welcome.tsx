import { FormattedMessage } from "react-intl";

import { CommandLine } from "../../shared/CommandLine";
import { EXAMPLE_ADDRESS, FIRST_COMMANDS } from "./commands";
import styles from "./Welcome.module.css";

/** The first screen: what this version can do, and the commands that do it. */
export function Welcome() {
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <h1>
          <FormattedMessage id="welcome.title" />
        </h1>
        <p className={styles.state}>
          <FormattedMessage id="welcome.state" />
        </p>
      </header>
      <section aria-labelledby="first-commands" className={styles.commands}>
        <h2 id="first-commands">
          <FormattedMessage id="welcome.steps" values={{ count: FIRST_COMMANDS.length }} />
        </h2>
        <ol className={styles.steps}>
          {FIRST_COMMANDS.map(({ purpose, command }) => (
            <li key={command}>
              <p className={styles.purpose}>
                <FormattedMessage id={purpose} />
              </p>
              <CommandLine command={command} />
            </li>
          ))}
        </ol>
        <p className={styles.note}>
          <FormattedMessage id="welcome.address" values={{ address: EXAMPLE_ADDRESS }} />
        </p>
      </section>
    </main>
  );
}
