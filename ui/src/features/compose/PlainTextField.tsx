import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import type { Ref } from "react";
import { useIntl } from "react-intl";

import styles from "./Composer.module.css";
import type { TextHandle } from "./RichText";

interface PlainTextFieldProps {
  text: string;
  onChange: (text: string) => void;
  startsHere: boolean;
  handle?: Ref<TextHandle>;
}

/** The text without formatting. It grows with what is written, so that one thing scrolls and not two. */
export function PlainTextField({ text, onChange, startsHere, handle }: PlainTextFieldProps) {
  const intl = useIntl();
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(handle, () => ({ focus: () => area.current?.focus() }));
  // After every drawing: the text may have come from elsewhere, and the pane may have another width.
  useLayoutEffect(() => {
    if (area.current !== null) {
      area.current.style.blockSize = "auto";
      area.current.style.blockSize = `${area.current.scrollHeight}px`;
    }
  });
  useEffect(() => {
    if (startsHere) {
      area.current?.focus();
      area.current?.setSelectionRange(0, 0);
    }
  }, [startsHere]);
  return (
    <textarea
      ref={area}
      className={styles.plain}
      aria-label={intl.formatMessage({ id: "compose.text" })}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
