import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import { Button } from "./Button";
import { Buttons } from "./Buttons";
import styles from "./Form.module.css";

interface FormProps {
  onSubmit: () => void;
  /** How it looks instead of fields below each other. */
  className?: string | undefined;
  children: ReactNode;
}

/** Fields that are sent together. What is wrong with them is said by the program, not by the browser. */
export function Form({ onSubmit, className = styles.form, children }: FormProps) {
  return (
    <form
      className={className}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

interface FormFootProps {
  /** What the button that sends the form says. */
  submit: ReactNode;
  disabled: boolean;
  onCancel: () => void;
}

/** The buttons of a form: send it, or leave it. */
export function FormFoot({ submit, disabled, onCancel }: FormFootProps) {
  return (
    <Buttons>
      <Button type="submit" look="primary" disabled={disabled}>
        {submit}
      </Button>
      <Button onClick={onCancel}>
        <FormattedMessage id="app.cancel" />
      </Button>
    </Buttons>
  );
}
