import { X } from "lucide-react";
import { useEffect, useId, useImperativeHandle, useRef, useState } from "react";
import type { ClipboardEvent, DragEvent, KeyboardEvent, Ref } from "react";
import { useIntl } from "react-intl";

import type { PersonView } from "../../ipc/contract";
import { useCommandQuery } from "../../ipc/query";
import { printRecipient, problemOf, readRecipient, readRecipients, withoutRepeats } from "./recipients";
import type { Recipient } from "./recipients";
import styles from "./RecipientField.module.css";

export type RecipientFieldName = "to" | "cc" | "bcc";

/** What a token carries while it is dragged to another field. */
const DRAGGED = "application/x-mailroom-recipient";
/** Typing rests so long before people are looked for, in milliseconds. */
const LOOK_AFTER = 60;
const AT_MOST = 8;

export interface RecipientFieldHandle {
  focus: () => void;
  /** Takes what stands in the field as a recipient too. Gives the whole list. */
  finish: () => readonly string[];
}

interface RecipientFieldProps {
  field: RecipientFieldName;
  label: string;
  values: readonly string[];
  onChange: (values: readonly string[]) => void;
  /** Moves a recipient here from another field. */
  onTake: (text: string, from: RecipientFieldName) => void;
  /** Moves a recipient to the next (1) or previous (-1) field. */
  onMove: (text: string, step: 1 | -1) => void;
  /** Says something to a screen reader. */
  say: (text: string) => void;
  handle?: Ref<RecipientFieldHandle>;
}

/** Recipients as tokens, with completion from people whom one has written to. */
export function RecipientField({
  field,
  label,
  values,
  onChange,
  onTake,
  onMove,
  say,
  handle,
}: RecipientFieldProps) {
  const intl = useIntl();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const [isOver, setOver] = useState(false);
  const people = usePeople(typed, values);
  const offers = isOpen ? people : [];
  // The first offer is taken by Enter, unless what was typed is an address itself.
  const active = chosen ?? (problemOf(typed.trim()) === null ? -1 : 0);
  const activeOffer = offers[active];
  const recipients = values.map(readRecipient);
  const wrong = recipients.filter(({ problem }) => problem !== null);

  const reset = () => {
    setTyped("");
    setOpen(false);
    setChosen(null);
  };
  const add = (more: readonly Recipient[]) => {
    const next = withoutRepeats([...values, ...more.map(({ text }) => text)]);
    if (more.length > 0) {
      onChange(next);
      say(
        intl.formatMessage({ id: "compose.people.added" }, { who: more.map(({ text }) => text).join(", ") }),
      );
    }
    reset();
    return next;
  };
  const take = ({ name, address }: PersonView) => add([readRecipient(printRecipient(name, address))]);
  const finish = () => (typed.trim() === "" ? values : add(readRecipients(typed)));
  useImperativeHandle(handle, () => ({ focus: () => input.current?.focus(), finish }));

  const focusToken = (index: number) => {
    const tokens = box.current?.querySelectorAll<HTMLElement>("[data-token]");
    const token = tokens?.[index];
    if (token === undefined) {
      input.current?.focus();
    } else {
      token.focus();
    }
  };
  const remove = (index: number, goTo: number) => {
    const text = values[index] ?? "";
    onChange(values.filter((_, at) => at !== index));
    say(intl.formatMessage({ id: "compose.people.removed" }, { who: text }));
    // After the drawing: the tokens behind it move up.
    requestAnimationFrame(() => focusToken(goTo));
  };
  const edit = (index: number) => {
    const text = values[index] ?? "";
    const rest = values.filter((_, at) => at !== index);
    onChange(
      typed.trim() === "" ? rest : withoutRepeats([...rest, ...readRecipients(typed).map((one) => one.text)]),
    );
    setTyped(text);
    input.current?.focus();
  };

  const onInputKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    const { key, currentTarget } = event;
    const isAtStart = currentTarget.selectionStart === 0 && currentTarget.selectionEnd === 0;
    if ((key === "ArrowDown" || key === "ArrowUp") && !event.altKey && people.length > 0) {
      event.preventDefault();
      setOpen(true);
      const step = key === "ArrowDown" ? 1 : -1;
      const from = isOpen ? active : step === 1 ? -1 : 0;
      setChosen((from + step + people.length) % people.length);
    } else if (key === "Escape" && offers.length > 0) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    } else if ((key === "Enter" && !event.ctrlKey && !event.metaKey) || (key === "Tab" && !event.shiftKey)) {
      if (activeOffer !== undefined) {
        event.preventDefault();
        take(activeOffer);
      } else if (typed.trim() !== "") {
        event.preventDefault();
        finish();
      } else if (key === "Enter") {
        event.preventDefault();
      }
    } else if ((key === "," || key === ";") && !event.ctrlKey && !event.metaKey) {
      // A comma may stand in a name that is in quotes.
      if (!/^[^"]*"[^"]*$/u.test(typed)) {
        event.preventDefault();
        if (!typed.includes("@") && activeOffer !== undefined) {
          take(activeOffer);
        } else {
          finish();
        }
      }
    } else if (key === " " && problemOf(typed.trim()) === null) {
      event.preventDefault();
      finish();
    } else if ((key === "Backspace" || key === "ArrowLeft") && isAtStart && values.length > 0) {
      event.preventDefault();
      focusToken(values.length - 1);
    }
  };

  const onTokenKey = (event: KeyboardEvent<HTMLElement>, index: number) => {
    const { key } = event;
    const deeds: Record<string, () => void> = {
      ArrowLeft: () => focusToken(Math.max(0, index - 1)),
      ArrowRight: () => focusToken(index + 1),
      Home: () => focusToken(0),
      End: () => input.current?.focus(),
      Delete: () => remove(index, index),
      Backspace: () => remove(index, index === 0 ? 0 : index - 1),
      Enter: () => edit(index),
      F2: () => edit(index),
    };
    if (event.altKey && (key === "ArrowUp" || key === "ArrowDown")) {
      event.preventDefault();
      onMove(values[index] ?? "", key === "ArrowDown" ? 1 : -1);
    } else if (!event.altKey && !event.ctrlKey && !event.metaKey && deeds[key] !== undefined) {
      event.preventDefault();
      deeds[key]();
    }
  };

  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData("text/plain");
    const list = readRecipients(text);
    if (typed === "" && (list.length > 1 || list[0]?.problem === null)) {
      event.preventDefault();
      add(list);
    }
  };

  const onDrop = (event: DragEvent) => {
    setOver(false);
    const carried = event.dataTransfer.getData(DRAGGED);
    if (carried !== "") {
      event.preventDefault();
      event.stopPropagation();
      const { text, from } = JSON.parse(carried) as { text: string; from: RecipientFieldName };
      if (from !== field) {
        onTake(text, from);
      }
    }
  };

  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={`${id}-input`}>
        {label}
      </label>
      {/* A press beside the tokens is meant for the field. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div
        ref={box}
        className={isOver ? `${styles.box} ${styles.over}` : styles.box}
        onClick={(event) => event.target === event.currentTarget && input.current?.focus()}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(DRAGGED)) {
            event.preventDefault();
            event.stopPropagation();
            setOver(true);
          }
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        {recipients.length > 0 && (
          <ul className={styles.tokens} aria-label={label}>
            {recipients.map((recipient, index) => (
              // A token is dragged by its whole; the keyboard moves it with Alt and an arrow.
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
              <li
                key={recipient.text}
                className={recipient.problem === null ? styles.token : `${styles.token} ${styles.wrong}`}
                draggable
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAGGED, JSON.stringify({ text: recipient.text, from: field }));
                  event.dataTransfer.setData("text/plain", recipient.text);
                }}
              >
                <button
                  type="button"
                  data-token
                  tabIndex={-1}
                  className={styles.who}
                  title={recipient.text}
                  aria-describedby={`${id}-help`}
                  onKeyDown={(event) => onTokenKey(event, index)}
                  onDoubleClick={() => edit(index)}
                  onCopy={(event) => {
                    event.preventDefault();
                    event.clipboardData.setData("text/plain", recipient.text);
                  }}
                >
                  {recipient.name === "" ? recipient.text : recipient.name}
                </button>
                <button
                  type="button"
                  tabIndex={-1}
                  className={styles.remove}
                  aria-label={intl.formatMessage({ id: "compose.people.remove" }, { who: recipient.text })}
                  onClick={() => remove(index, values.length)}
                >
                  <X size={14} aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        )}
        <input
          ref={input}
          id={`${id}-input`}
          className={styles.input}
          role="combobox"
          type="text"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-autocomplete="list"
          aria-expanded={offers.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={activeOffer === undefined ? undefined : `${id}-offer-${active}`}
          aria-invalid={wrong.length > 0}
          aria-describedby={wrong.length > 0 ? `${id}-wrong ${id}-help` : `${id}-help`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setOpen(true);
            setChosen(null);
          }}
          onKeyDown={onInputKey}
          onPaste={onPaste}
          onBlur={() => {
            finish();
            setOpen(false);
          }}
        />
        <span id={`${id}-help`} hidden>
          {intl.formatMessage({ id: "compose.people.help" })}
        </span>
        {offers.length > 0 && (
          <div
            id={`${id}-list`}
            role="listbox"
            aria-label={intl.formatMessage({ id: "compose.people.list" })}
            className={styles.offers}
          >
            {offers.map((person, index) => (
              // The keyboard stays in the field; the offers are chosen from there.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={person.address}
                id={`${id}-offer-${index}`}
                role="option"
                aria-selected={index === active}
                className={styles.offer}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(person)}
              >
                {person.name !== "" && <span className={styles.name}>{person.name}</span>}
                <span className={styles.address}>{person.address}</span>
              </div>
            ))}
          </div>
        )}
        <Found count={offers.length} say={say} />
      </div>
      {wrong.length > 0 && (
        <p id={`${id}-wrong`} className={styles.problem}>
          {wrong.map(({ text, problem }) => (
            <span key={text}>
              {intl.formatMessage({ id: `compose.address.${problem ?? "no_at"}` }, { text })}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

/** Says how many offers there are, once they are others. */
function Found({ count, say }: { count: number; say: (text: string) => void }) {
  const intl = useIntl();
  const sayNow = useRef(say);
  useEffect(() => {
    sayNow.current = say;
  });
  useEffect(() => {
    if (count > 0) {
      sayNow.current(intl.formatMessage({ id: "compose.people.found" }, { count }));
    }
  }, [count, intl]);
  return null;
}

function usePeople(typed: string, values: readonly string[]): PersonView[] {
  const wanted = typed.trim();
  const [rested, setRested] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setRested(wanted), LOOK_AFTER);
    return () => clearTimeout(timer);
  }, [wanted]);
  const found = useCommandQuery(
    "people_search",
    { query: rested, limit: AT_MOST },
    { enabled: rested !== "", keepPrevious: true },
  );
  if (wanted === "" || rested === "") {
    return [];
  }
  const known = new Set(values.map((text) => readRecipient(text).address.toLowerCase()));
  return (found.data ?? []).filter(({ address }) => !known.has(address.toLowerCase()));
}
