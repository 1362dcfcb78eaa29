import { useSyncExternalStore } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Sheet } from "../Sheet";
import { useSettings } from "../settings/useSettings";
import { GROUPS } from "./command";
import type { Command } from "./command";
import { isSingle, onMac, printedKeys } from "./keys";
import type { Registry } from "./registry";
import styles from "./ShortcutSheet.module.css";

/** The keys of every command on the screen, by group. */
export function ShortcutSheet({ registry, onClose }: { registry: Registry; onClose: () => void }) {
  const intl = useIntl();
  const { single_keys: singleKeys } = useSettings().settings;
  const all = useSyncExternalStore(registry.subscribe, registry.all);
  const keysOf = ({ keys = [] }: Command) => keys.filter((each) => singleKeys || !isSingle(each));
  const keyed = all.filter((command) => keysOf(command).length > 0);
  return (
    <Sheet isWide title={intl.formatMessage({ id: "commands.shortcuts" })} onClose={onClose}>
      {!singleKeys && (
        <p className={styles.note}>
          <FormattedMessage id="commands.singleOff" />
        </p>
      )}
      <div className={styles.groups}>
        {GROUPS.filter((group) => keyed.some((command) => command.group === group)).map((group) => (
          <section key={group}>
            <h3 className={styles.title}>
              <FormattedMessage id={`commands.group.${group}`} />
            </h3>
            <dl className={styles.list}>
              {keyed
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={command.id} className={styles.line}>
                    <dt>{command.title}</dt>
                    <dd>
                      {keysOf(command).map((keys) => (
                        <kbd key={keys}>{printedKeys(keys, onMac)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
