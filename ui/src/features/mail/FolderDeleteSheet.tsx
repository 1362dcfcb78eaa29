import { FormattedMessage, useIntl } from "react-intl";

import type { FolderSummary } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import { liesIn } from "./folderChange";

interface FolderDeleteSheetProps {
  address: string;
  folder: FolderSummary;
  name: string;
  folders: readonly FolderSummary[];
  /** It is gone, or lies in the trash under this path. */
  onDone: (movedTo: string | null) => void;
  onClose: () => void;
}

/**
 * Asks before a folder goes. Where it cannot go to the trash, the server is asked how many messages would be lost, and the
 * question is put again with their number.
 */
export function FolderDeleteSheet(props: FolderDeleteSheetProps) {
  const { address, folder, name, folders, onDone, onClose } = props;
  const intl = useIntl();
  const remove = useCommandMutation("folder_delete");
  const error = remove.error === null ? null : wireOf(remove.error);
  const lost = error?.code === "folder_not_empty" ? Number(error.params["messages"]) : null;
  // Where folders are labels, everything lies in the folder of all messages too.
  const isLabel = folders.some(({ role, archives }) => role === "all" && archives);
  const inside = folders.filter(({ path, id }) => id !== folder.id && liesIn(path, folder)).length;
  const run = () =>
    remove.mutate(
      { address, folder: folder.path, ...(lost === null ? {} : { agreed: lost }) },
      { onSuccess: ({ moved_to }) => onDone(moved_to) },
    );
  const yes = remove.isPending ? "running" : lost === null ? "yes" : "forGood";
  return (
    <Sheet
      isQuestion
      title={intl.formatMessage({ id: "mail.folder.delete.title" }, { folder: name })}
      onClose={onClose}
    >
      <p aria-live="polite">
        {lost === null ? (
          <FormattedMessage id={isLabel ? "mail.folder.delete.label" : "mail.folder.delete.help"} />
        ) : (
          <FormattedMessage id="mail.folder.delete.lost" values={{ count: lost }} />
        )}
        {inside > 0 && (
          <>
            {" "}
            <FormattedMessage id="mail.folder.delete.inside" values={{ count: inside }} />
          </>
        )}
      </p>
      {error !== null && lost === null && <ErrorNotice error={error} />}
      <Buttons>
        <Button look="danger" disabled={remove.isPending} onClick={run}>
          <FormattedMessage id={`mail.folder.delete.${yes}`} values={{ count: lost ?? 0 }} />
        </Button>
        <Button onClick={onClose}>
          <FormattedMessage id="app.cancel" />
        </Button>
      </Buttons>
    </Sheet>
  );
}
