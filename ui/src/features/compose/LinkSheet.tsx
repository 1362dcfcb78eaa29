import type { Editor } from "@tiptap/react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { Form } from "../../shared/Form";
import { Sheet } from "../../shared/Sheet";
import styles from "./Composer.module.css";
import { linkOf } from "./links";

/** Asks where the chosen words, or a new one, should lead. */
export function LinkSheet({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const intl = useIntl();
  const [before] = useState(() => String(editor.getAttributes("link")["href"] ?? ""));
  const [typed, setTyped] = useState(before);
  const [isWrong, setWrong] = useState(false);

  const set = () => {
    const href = linkOf(typed);
    if (href === null) {
      setWrong(true);
      return;
    }
    onClose();
    const chain = editor.chain().focus().extendMarkRange("link");
    if (editor.state.selection.empty && before === "") {
      chain
        .insertContent({ type: "text", text: typed.trim(), marks: [{ type: "link", attrs: { href } }] })
        .run();
    } else {
      chain.setLink({ href }).run();
    }
  };

  return (
    <Sheet title={intl.formatMessage({ id: "compose.link.title" })} onClose={onClose}>
      <Form className={styles.form} onSubmit={set}>
        <label className={styles.formField}>
          <FormattedMessage id="compose.link.address" />
          <input
            className={styles.formInput}
            type="url"
            value={typed}
            placeholder="https://"
            aria-invalid={isWrong}
            aria-describedby="compose-link-wrong"
            // The sheet was opened to type here.
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            onChange={(event) => {
              setTyped(event.target.value);
              setWrong(false);
            }}
          />
        </label>
        <p id="compose-link-wrong" role="alert" className={styles.wrong}>
          {isWrong && <FormattedMessage id="compose.link.bad" />}
        </p>
        <Buttons>
          <Button look="primary" type="submit">
            <FormattedMessage id="compose.link.set" />
          </Button>
          {before !== "" && (
            <Button
              onClick={() => {
                onClose();
                editor.chain().focus().extendMarkRange("link").unsetLink().run();
              }}
            >
              <FormattedMessage id="compose.link.remove" />
            </Button>
          )}
        </Buttons>
      </Form>
    </Sheet>
  );
}
