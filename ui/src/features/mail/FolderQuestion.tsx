import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { Sheet } from "../../shared/Sheet";
import { targetsOf } from "./folders";
import type { FolderLine } from "./folders";
import { FolderSheet } from "./FolderSheet";
import { accountOf } from "./rowActions";
import type { AskedFolder } from "./rowActions";

interface FolderQuestionProps {
  asked: AskedFolder;
  lineOf: (address: string) => readonly FolderLine[];
  onFolder: (line: FolderLine) => void;
  onClose: () => void;
}

/** Asks for the folder that messages are moved or copied to. Messages stay in their account: rows of several have none in common. */
export function FolderQuestion({ asked, lineOf, onFolder, onClose }: FolderQuestionProps) {
  const intl = useIntl();
  const title = intl.formatMessage({ id: `mail.${asked.what}.title` });
  const account = accountOf(asked.rows);
  const folders = new Set(asked.rows.map(({ folder }) => folder));
  const [folder] = folders;
  if (account === null) {
    return (
      <Sheet title={title} onClose={onClose}>
        <p>
          <FormattedMessage id="mail.folder.several" />
        </p>
        <Buttons>
          <Button onClick={onClose}>
            <FormattedMessage id="app.close" />
          </Button>
        </Buttons>
      </Sheet>
    );
  }
  return (
    <FolderSheet
      title={title}
      targets={targetsOf(asked.what, lineOf(account), folders.size === 1 ? (folder ?? "") : "")}
      onFolder={onFolder}
      onClose={onClose}
    />
  );
}
