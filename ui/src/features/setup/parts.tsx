import { useEffect, useId, useRef } from "react";
import type { ComponentProps, ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { Button } from "../../shared/Button";
import { Form } from "../../shared/Form";
import styles from "./setup.module.css";

/** The button that sends its form. */
export function Submit(props: Omit<ComponentProps<"button">, "className" | "type">) {
  return <Button {...props} type="submit" look="primary" />;
}

interface InputProps {
  label: ReactNode;
  value: string;
  onType: (text: string) => void;
  onLeave?: () => void;
  /** What is wrong with it; said to screen readers with the field. */
  problem?: ReactNode;
  hint?: ReactNode;
  /** True to put the cursor here when the field appears or the reason changes. */
  focused?: boolean;
  large?: boolean;
  type?: "text" | "email" | "password" | "url";
  autoComplete?: string;
  inputMode?: "text" | "email" | "numeric" | "url";
}

/** A text field with its label, hint and problem. */
export function Input(props: InputProps) {
  const { label, value, problem, hint, focused = false, large = false } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) {
      field.current?.focus();
      field.current?.select();
    }
  }, [focused]);
  const wrong = problem !== undefined && problem !== null;
  const described = [wrong ? `${id}-problem` : "", hint === undefined ? "" : `${id}-hint`];
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        className={large ? styles.large : styles.input}
        type={props.type ?? "text"}
        inputMode={props.inputMode}
        autoComplete={props.autoComplete ?? "off"}
        autoCapitalize="none"
        spellCheck={false}
        value={value}
        aria-invalid={wrong}
        aria-describedby={described.filter(Boolean).join(" ") || undefined}
        onChange={(event) => props.onType(event.currentTarget.value)}
        onBlur={props.onLeave}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {wrong && (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      )}
    </div>
  );
}

export type SignKind = "passed" | "failed" | "skipped" | "running" | "waiting";

const MARKS: Record<SignKind, string> = { passed: "✓", failed: "!", skipped: "–", running: "", waiting: "" };

/** A round sign that differs in shape or mark as well as in colour. Words beside it say the same. */
export function Sign({ kind }: { kind: SignKind }) {
  return (
    <span aria-hidden className={styles.sign} data-kind={kind}>
      {MARKS[kind]}
    </span>
  );
}

/** The heading of a step. It takes the focus, so that a screen reader says where one is. */
export function StepHead({ title, children }: { title: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <header className={styles.head}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children !== undefined && <p className={styles.lead}>{children}</p>}
    </header>
  );
}

/** A step that is a form. */
export function StepForm({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <Form className={styles.step} onSubmit={onSubmit}>
      {children}
    </Form>
  );
}

/** The buttons of a step, and where one is. */
export function StepFoot({ step, children }: { step: number; children: ReactNode }) {
  return (
    <footer className={styles.foot}>
      {children}
      <span className={styles.where}>
        <FormattedMessage id="setup.stepOf" values={{ step, steps: 7 }} />
      </span>
    </footer>
  );
}

interface FormStepFootProps {
  step: number;
  /** What the button that sends the form says. */
  submit: MessageKey;
  disabled?: boolean;
  /** True while what was entered is on its way: nothing can be pressed. */
  isSaving?: boolean;
  /** Absent where the step cannot be left out. */
  onSkip?: () => void;
  onBack: () => void;
}

/** The buttons of a step that is a form: send it, leave it out, go back. */
export function FormStepFoot({
  step,
  submit,
  disabled = false,
  isSaving = false,
  onSkip,
  onBack,
}: FormStepFootProps) {
  return (
    <StepFoot step={step}>
      <Submit disabled={disabled || isSaving}>
        <FormattedMessage id={isSaving ? "setup.choose.saving" : submit} />
      </Submit>
      {onSkip !== undefined && (
        <Button disabled={isSaving} onClick={onSkip}>
          <FormattedMessage id="setup.skip" />
        </Button>
      )}
      <Button disabled={isSaving} onClick={onBack}>
        <FormattedMessage id="setup.back" />
      </Button>
    </StepFoot>
  );
}

/** Something to look at before going on; not an error. */
export function Caution({ children }: { children: ReactNode }) {
  return <div className={styles.caution}>{children}</div>;
}
