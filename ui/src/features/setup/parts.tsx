import { useEffect, useRef } from "react";
import type { ComponentProps, ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import fields from "../../shared/Field.module.css";
import { Form } from "../../shared/Form";
import styles from "./parts.module.css";

/** The button that sends its form. */
export function Submit(props: Omit<ComponentProps<"button">, "className" | "type">) {
  return <Button {...props} type="submit" look="primary" />;
}

interface InputProps extends ComponentProps<typeof Field> {
  /** True to put the cursor here when the field appears or the reason changes. */
  focused?: boolean;
  large?: boolean;
}

/** A text field of a step. */
export function Input({ focused = false, large = false, ...rest }: InputProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) {
      field.current?.focus();
      field.current?.select();
    }
  }, [focused]);
  return (
    <Field
      ref={field}
      className={large ? `${fields.input} ${styles.large}` : fields.input}
      autoCapitalize="none"
      {...rest}
    />
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
