import { useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import { Button } from "./Button";
import fields from "./Field.module.css";
import hidden from "./hidden.module.css";

/** Puts a text on the clipboard and says whether that worked. */
export function CopyButton({ text, children }: { text: string; children: ReactNode }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  return (
    <>
      <Button onClick={() => void copy()}>
        {state === "copied" ? <FormattedMessage id="copy.done" /> : children}
      </Button>
      <output className={state === "refused" ? fields.problem : hidden.text}>
        {state === "copied" && <FormattedMessage id="copy.done" />}
        {state === "refused" && <FormattedMessage id="setup.proofs.copyRefused" />}
      </output>
    </>
  );
}
