import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Sheet } from "../../shared/Sheet";
import fields from "../../shared/Field.module.css";
import type { FolderLine } from "./folders";
import styles from "./MoveSheet.module.css";

interface MoveSheetProps {
  targets: readonly FolderLine[];
  onMove: (line: FolderLine) => void;
  onClose: () => void;
}

/** Asks for the folder to move a message to. Typing narrows the folders, Enter takes the first. */
export function MoveSheet({ targets, onMove, onClose }: MoveSheetProps) {
  const intl = useIntl();
  const [typed, setTyped] = useState("");
  const nameOf = ({ name }: FolderLine) => ("id" in name ? intl.formatMessage(name) : name.text);
  const wanted = typed.trim().toLocaleLowerCase();
  const found = targets.filter(
    (line) =>
      nameOf(line).toLocaleLowerCase().includes(wanted) ||
      line.folder.path.toLocaleLowerCase().includes(wanted),
  );
  return (
    <Sheet title={intl.formatMessage({ id: "mail.move.title" })} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (first !== undefined) {
            onMove(first);
          }
        }}
      >
        <input
          // The sheet was opened to choose a folder, and its field is where that begins.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          className={fields.input}
          value={typed}
          aria-label={intl.formatMessage({ id: "mail.move.find" })}
          placeholder={intl.formatMessage({ id: "mail.move.find" })}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
      {found.length === 0 && (
        <p className={styles.none}>
          <FormattedMessage id="mail.move.none" />
        </p>
      )}
      <ul className={styles.list}>
        {found.map((line) => (
          <li key={line.folder.id}>
            <button type="button" className={styles.folder} onClick={() => onMove(line)}>
              <span>{nameOf(line)}</span>
              {line.depth > 0 && <span className={styles.path}>{line.folder.path}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
