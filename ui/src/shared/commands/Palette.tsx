import { Search } from "lucide-react";
import { useId, useRef, useState, useSyncExternalStore } from "react";
import type { KeyboardEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Overlay } from "../Overlay";
import { useSettings } from "../settings/useSettings";
import type { Command } from "./command";
import { findCommands } from "./find";
import { isSingle, onMac, printedKeys } from "./keys";
import styles from "./Palette.module.css";
import type { Registry } from "./registry";

/** As many commands as are drawn at a time; more typing finds the others. */
const SHOWN = 60;

interface PaletteProps {
  registry: Registry;
  onClose: () => void;
}

/** Every command by its name: typing narrows them, Enter runs the one that is marked. */
export function Palette({ registry, onClose }: PaletteProps) {
  const intl = useIntl();
  const { single_keys: singleKeys } = useSettings().settings;
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [marked, setMarked] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const all = useSyncExternalStore(registry.subscribe, registry.all);
  const titleOf = ({ group }: Command) => intl.formatMessage({ id: `commands.group.${group}` });
  const found = findCommands(all, typed, titleOf);
  const shown = found.slice(0, SHOWN);
  const here = Math.min(marked, shown.length - 1);

  const mark = (index: number) => {
    setMarked(index);
    list.current?.children[index]?.scrollIntoView?.({ block: "nearest" });
  };
  const run = (command: Command | undefined) => {
    if (command !== undefined) {
      onClose();
      // After the sheet has given the focus back, so that a command may put it elsewhere.
      setTimeout(command.run);
    }
  };
  const press = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: here + 1,
      ArrowUp: here - 1,
      PageDown: Math.min(shown.length - 1, here + 8),
      PageUp: Math.max(0, here - 8),
    };
    const step = steps[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      mark((step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(shown[here]);
    }
  };

  return (
    <Overlay
      shape="list"
      label={intl.formatMessage({ id: "commands.palette" })}
      className={styles.palette}
      onClose={onClose}
    >
      <div className={styles.field}>
        <Search size={18} aria-hidden />
        <input
          // The palette was opened to type into it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={here < 0 ? undefined : `${listId}-${here}`}
          aria-label={intl.formatMessage({ id: "commands.find" })}
          placeholder={intl.formatMessage({ id: "commands.find" })}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            mark(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div
        ref={list}
        id={listId}
        role="listbox"
        aria-label={intl.formatMessage({ id: "commands.palette" })}
        className={styles.list}
      >
        {shown.map((command, index) => (
          // The keys are those of the field.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={command.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === here}
            className={styles.option}
            onPointerMove={() => setMarked(index)}
            onClick={() => run(command)}
          >
            <span className={styles.title}>{command.title}</span>
            <span className={styles.group}>{command.hint ?? titleOf(command)}</span>
            <Keys keys={command.keys} singleKeys={singleKeys} />
          </div>
        ))}
      </div>
      <p role="status" className={styles.note}>
        {shown.length === 0 && <FormattedMessage id="commands.none" />}
        {found.length > shown.length && (
          <FormattedMessage id="commands.more" values={{ count: found.length - shown.length }} />
        )}
      </p>
    </Overlay>
  );
}

/** The first of the keys that work. */
function Keys({ keys, singleKeys }: { keys?: readonly string[] | undefined; singleKeys: boolean }) {
  const first = keys?.find((each) => singleKeys || !isSingle(each));
  return first === undefined ? null : <kbd>{printedKeys(first, onMac)}</kbd>;
}
