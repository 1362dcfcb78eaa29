import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { Sheet } from "../../shared/Sheet";
import { moveTargets } from "./folders";
import type { FolderLine } from "./folders";
import { MoveSheet } from "./MoveSheet";
import { accountOf } from "./rowActions";
import type { Asked } from "./rowActions";

interface MoveQuestionProps {
  asked: Asked;
  lineOf: (address: string) => readonly FolderLine[];
  onMove: (line: FolderLine) => void;
  onClose: () => void;
}

/** Asks for the folder. Messages stay in their account: rows of several have none in common. */
export function MoveQuestion({ asked, lineOf, onMove, onClose }: MoveQuestionProps) {
  const intl = useIntl();
  const account = accountOf(asked.rows);
  const folders = new Set(asked.rows.map(({ folder }) => folder));
  const [folder] = folders;
  if (account === null) {
    return (
      <Sheet title={intl.formatMessage({ id: "mail.move.title" })} onClose={onClose}>
        <p>
          <FormattedMessage id="mail.move.several" />
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
    <MoveSheet
      targets={moveTargets(lineOf(account), folders.size === 1 ? (folder ?? "") : "")}
      onMove={onMove}
      onClose={onClose}
    />
  );
}
