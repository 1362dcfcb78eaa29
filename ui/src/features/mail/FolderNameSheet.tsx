import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { FolderSummary } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field, SelectField } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { Sheet } from "../../shared/Sheet";
import { delimiterIn, lastPart, nameProblem, parentPath, parentsOf } from "./folderChange";
import type { AskedFolderChange, AskedFolderCreation } from "./folderChange";
import type { FolderLine } from "./folders";

interface FolderNameSheetProps {
  asked: AskedFolderCreation | AskedFolderChange;
  folders: readonly FolderSummary[];
  lines: readonly FolderLine[];
  /** The server has done it. */
  onDone: (folder: FolderSummary) => void;
  onClose: () => void;
}

/** Asks what a folder shall be called and where it shall lie. It is done on the server at once, or it says why not. */
export function FolderNameSheet({ asked, folders, lines, onDone, onClose }: FolderNameSheetProps) {
  const intl = useIntl();
  const create = useCommandMutation("folder_create");
  const rename = useCommandMutation("folder_rename");
  const running = asked.what === "create" ? create : rename;
  const renamed = asked.what === "create" ? null : asked.line.folder;
  const nameBefore = renamed === null ? "" : lastPart(renamed);
  const parentBefore = asked.what === "create" ? (asked.parent?.path ?? "") : parentPath(asked.line.folder);
  const [name, setName] = useState(nameBefore);
  const [parent, setParent] = useState(parentBefore);

  const parents = parentsOf(lines, renamed);
  const isKnown = parent === "" || parents.some(({ folder }) => folder.path === parent);
  const problem = nameProblem(name, parent, folders, renamed);
  const isSame = name.trim() === nameBefore && parent === parentBefore;
  const titleOf = ({ name: title, depth, folder }: FolderLine) =>
    "id" in title ? intl.formatMessage(title) : depth > 0 ? folder.path : title.text;
  const send = () => {
    const { address } = asked;
    if (name.trim() === "" || problem !== null || isSame || running.isPending) {
      return;
    }
    if (renamed === null) {
      create.mutate(
        { address, name: name.trim(), ...(parent === "" ? {} : { parent }) },
        { onSuccess: onDone },
      );
    } else {
      rename.mutate(
        {
          address,
          folder: renamed.path,
          ...(name.trim() === nameBefore ? {} : { name: name.trim() }),
          ...(parent === parentBefore ? {} : { parent }),
        },
        { onSuccess: onDone },
      );
    }
  };
  return (
    <Sheet
      title={intl.formatMessage({ id: `mail.folder.${asked.what === "create" ? "create" : "change"}.title` })}
      onClose={onClose}
    >
      <Form onSubmit={send}>
        <Field
          // The sheet was opened to type a name.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          label={<FormattedMessage id="mail.folder.name" />}
          value={name}
          problem={
            problem === null ? null : (
              <FormattedMessage
                id={`mail.folder.name.${problem}`}
                values={{ delimiter: delimiterIn(parent, folders) }}
              />
            )
          }
          onFocus={(event) => event.currentTarget.select()}
          onType={setName}
        />
        <SelectField label={<FormattedMessage id="mail.folder.in" />} value={parent} onPick={setParent}>
          <option value="">{intl.formatMessage({ id: "mail.folder.top" })}</option>
          {!isKnown && <option value={parent}>{parent}</option>}
          {parents.map((line) => (
            <option key={line.folder.id} value={line.folder.path}>
              {titleOf(line)}
            </option>
          ))}
        </SelectField>
        {running.error !== null && <ErrorNotice error={wireOf(running.error)} />}
        <FormFoot
          submit={
            <FormattedMessage
              id={`mail.folder.${asked.what === "create" ? "create" : "change"}.${running.isPending ? "running" : "yes"}`}
            />
          }
          disabled={name.trim() === "" || problem !== null || isSame || running.isPending}
          onCancel={onClose}
        />
      </Form>
    </Sheet>
  );
}
