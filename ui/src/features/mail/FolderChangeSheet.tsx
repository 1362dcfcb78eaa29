import { useQueryClient } from "@tanstack/react-query";
import { useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import { tags } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { invalidate } from "../../ipc/tags";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { followed, lastPart, liesIn, parentPath } from "./folderChange";
import type { FolderAsk } from "./folderChange";
import { FolderDeleteSheet } from "./FolderDeleteSheet";
import { FolderNameSheet } from "./FolderNameSheet";
import type { AccountFolders } from "./useFolders";
import type { Scope } from "./view";

interface FolderChangeSheetProps {
  asked: FolderAsk;
  known: AccountFolders;
  /** What the list shows: it follows a folder that gets another name, and leaves one that goes. */
  scope: Scope;
  onScope: (scope: Scope) => void;
  onClose: () => void;
}

/** The sheet for what is to become of a folder, and what is said and shown when it has. */
export function FolderChangeSheet({ asked, known, scope, onScope, onClose }: FolderChangeSheetProps) {
  const intl = useIntl();
  const notices = useNotices();
  const door = useDoor();
  const client = useQueryClient();
  const { address } = asked;

  if (asked.what !== "delete") {
    return (
      <FolderNameSheet
        asked={asked}
        folders={known.folders}
        lines={known.lines}
        onDone={(folder) => {
          onClose();
          if (asked.what === "create") {
            const text = intl.formatMessage({ id: "mail.folder.create.done" }, { folder: lastPart(folder) });
            notices.show({ tone: "plain", text });
          } else if (scope.address === address && liesIn(scope.folder, asked.line.folder)) {
            onScope({ address, folder: followed(scope.folder, asked.line.folder, folder.path) });
          }
        }}
        onClose={onClose}
      />
    );
  }

  const { folder } = asked.line;
  const name = lastPart(folder);
  /** A folder of the trash is what it was when it has its name and its place again. The sheet is gone by then. */
  const bringBack = async (from: string) => {
    try {
      await door.call("folder_rename", { address, folder: from, name, parent: parentPath(folder) });
    } catch (error) {
      notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });
    }
    await invalidate(client, tags.folder_rename.invalidates);
  };
  return (
    <FolderDeleteSheet
      address={address}
      folder={folder}
      name={name}
      folders={known.folders}
      onDone={(movedTo) => {
        onClose();
        if (scope.address === address && liesIn(scope.folder, folder)) {
          onScope({ address, folder: "inbox" });
        }
        notices.show({
          tone: "plain",
          text: intl.formatMessage(
            { id: movedTo === null ? "mail.folder.delete.done" : "mail.folder.delete.moved" },
            { folder: name },
          ),
          ...(movedTo === null
            ? {}
            : {
                action: {
                  label: intl.formatMessage({ id: "notices.undo" }),
                  isUndo: true,
                  run: () => void bringBack(movedTo),
                },
              }),
        });
      }}
      onClose={onClose}
    />
  );
}
