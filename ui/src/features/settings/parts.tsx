import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

import fields from "../../shared/Field.module.css";
import styles from "./parts.module.css";

/** A page of the settings. Its heading takes the focus, so that a screen reader says where one is. */
export function Page({
  title,
  lead,
  badge,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  badge?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={styles.page}>
      <header className={styles.pageHead}>
        <div className={styles.titleLine}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {badge}
        </div>
        {lead !== undefined && <p className={styles.lead}>{lead}</p>}
      </header>
      {children}
    </div>
  );
}

/** A group of settings with its heading. */
export function Section({
  title,
  hint,
  children,
}: {
  title: ReactNode;
  hint?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <header className={styles.sectionHead}>
        <h2 id={id}>{title}</h2>
        {hint !== undefined && <p className={fields.hint}>{hint}</p>}
      </header>
      {children}
    </section>
  );
}

/** Lines that belong together, in one frame. */
export function Card({ children }: { children: ReactNode }) {
  return <div className={styles.card}>{children}</div>;
}

/** A label with its explanation, and the control beside it, or below it in a narrow window. */
export function Row({
  label,
  hint,
  htmlFor,
  hintId,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  htmlFor?: string;
  hintId?: string;
  children: ReactNode;
}) {
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        {htmlFor === undefined ? (
          <span className={styles.label}>{label}</span>
        ) : (
          <label className={styles.label} htmlFor={htmlFor}>
            {label}
          </label>
        )}
        {hint !== undefined && (
          <p id={hintId} className={fields.hint}>
            {hint}
          </p>
        )}
      </div>
      <div className={styles.control}>{children}</div>
    </div>
  );
}

interface SwitchProps {
  label: ReactNode;
  hint?: ReactNode;
  isOn: boolean;
  disabled?: boolean;
  onChange: (isOn: boolean) => void;
}

/** Something that is on or off. */
export function Switch({ label, hint, isOn, disabled = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <Row label={label} htmlFor={id} hintId={`${id}-hint`} {...(hint === undefined ? {} : { hint })}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.switch}
        checked={isOn}
        aria-checked={isOn}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Row>
  );
}

interface PickProps {
  label: ReactNode;
  hint?: ReactNode;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  disabled?: boolean;
  onChange: (value: string) => void;
}

/** One of several, in a list that opens. A value that this version does not know is listed as it is. */
export function Pick({ label, hint, value, options, disabled = false, onChange }: PickProps) {
  const id = useId();
  const isKnown = options.some(([known]) => known === value);
  return (
    <Row label={label} htmlFor={id} hintId={`${id}-hint`} {...(hint === undefined ? {} : { hint })}>
      <select
        id={id}
        className={fields.select}
        value={value}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([known, words]) => (
          <option key={known} value={known}>
            {words}
          </option>
        ))}
      </select>
    </Row>
  );
}

/** One of a few, all of them in sight. */
export function Choice({
  label,
  hint,
  value,
  options,
  onChange,
}: Omit<PickProps, "disabled" | "options"> & {
  options: readonly (readonly [value: string, words: ReactNode])[];
}) {
  const name = useId();
  return (
    <div className={styles.row} role="radiogroup" aria-labelledby={`${name}-label`}>
      <div className={styles.words}>
        <span id={`${name}-label`} className={styles.label}>
          {label}
        </span>
        {hint !== undefined && <p className={fields.hint}>{hint}</p>}
      </div>
      <div className={styles.segments}>
        {options.map(([known, words]) => (
          <label key={known} className={styles.segment}>
            <input type="radio" name={name} checked={known === value} onChange={() => onChange(known)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </div>
  );
}

/** Facts as names and values. */
export function Facts({ facts }: { facts: readonly (readonly [name: ReactNode, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value], at) => (
        // oxlint-disable-next-line react/no-array-index-key -- the facts of a page are always the same ones
        <div key={at}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
