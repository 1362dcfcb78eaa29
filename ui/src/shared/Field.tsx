import { useId } from "react";
import type { ComponentProps, ReactNode } from "react";

import styles from "./Field.module.css";

interface FieldProps extends Omit<ComponentProps<"input">, "id" | "onChange"> {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with it; said to a screen reader with the field. */
  problem?: ReactNode;
  onType: (text: string) => void;
}

/** A text field with its label, hint and problem. */
export function Field({ label, hint, problem, onType, className = styles.input, ...rest }: FieldProps) {
  const id = useId();
  const isWrong = problem !== undefined && problem !== null;
  const described = [isWrong ? `${id}-problem` : "", hint === undefined ? "" : `${id}-hint`];
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        className={className}
        aria-invalid={isWrong}
        aria-describedby={described.filter(Boolean).join(" ") || undefined}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {isWrong && (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      )}
    </div>
  );
}

interface SelectFieldProps extends Omit<ComponentProps<"select">, "id" | "onChange"> {
  label: ReactNode;
  onPick: (value: string) => void;
}

/** A list that opens, with its label. Its children are the options. */
export function SelectField({ label, onPick, className = styles.select, ...rest }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select
        {...rest}
        id={id}
        className={className}
        onChange={(event) => onPick(event.currentTarget.value)}
      />
    </div>
  );
}
