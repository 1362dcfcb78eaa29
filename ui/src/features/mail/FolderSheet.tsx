import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Sheet } from "../../shared/Sheet";
import fields from "../../shared/Field.module.css";
import type { FolderLine } from "./folders";
import styles from "./FolderSheet.module.css";

interface FolderSheetProps {
  title: string;
  targets: readonly FolderLine[];
  onFolder: (line: FolderLine) => void;
  onClose: () => void;
}

/** Asks for one of some folders. Typing narrows the folders, Enter takes the first. */
export function FolderSheet({ title, targets, onFolder, onClose }: FolderSheetProps) {
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
    <Sheet title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (first !== undefined) {
            onFolder(first);
          }
        }}
      >
        <input
          // The sheet was opened to choose a folder, and its field is where that begins.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          className={fields.input}
          value={typed}
          aria-label={intl.formatMessage({ id: "mail.folder.find" })}
          placeholder={intl.formatMessage({ id: "mail.folder.find" })}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
      {found.length === 0 && (
        <p className={styles.none}>
          <FormattedMessage id="mail.folder.none" />
        </p>
      )}
      <ul className={styles.list}>
        {found.map((line) => (
          <li key={line.folder.id}>
            <button type="button" className={styles.folder} onClick={() => onFolder(line)}>
              <span>{nameOf(line)}</span>
              {line.depth > 0 && <span className={styles.path}>{line.folder.path}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
