import { useEffect, useState } from "react";
import { useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { useDeskLink } from "./deskLink";
import { keyOf } from "./rows";
import type { Scope, ViewEvent } from "./view";

/** Tells the desktop which folder is on the screen. */
export function useLooking(scope: Scope | null): void {
  const { onLook } = useDeskLink();
  useEffect(() => {
    onLook(scope);
    return () => onLook(null);
  }, [scope, onLook]);
}

/** Shows what the desktop asks for: a message of a notification, an account's inbox. */
export function useDeskRequests(threads: boolean, send: (event: ViewEvent) => void) {
  const intl = useIntl();
  const door = useDoor();
  const notices = useNotices();
  const { request, onSeen } = useDeskLink();
  const [wanted, setWanted] = useState<MessageRow | null>(null);
  useEffect(() => {
    if (request === null) {
      return;
    }
    onSeen(request);
    if (request.kind === "inbox") {
      send({ event: "folder_chosen", scope: { address: request.address, folder: "inbox" } });
      return;
    }
    void (async () => {
      try {
        const { row } = await door.call("message_show", { id: request.id });
        if (row !== null) {
          const shown: MessageRow = threads
            ? {
                ...row,
                thread: row.thread ?? {
                  messages: 1,
                  unread: 0,
                  senders: [],
                  recipients: row.to,
                  ids: [row.id],
                },
              }
            : row;
          setWanted(shown);
          send({
            event: "message_wanted",
            scope: { address: row.account, folder: row.folder },
            key: keyOf(shown),
          });
        }
      } catch (error) {
        notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });
      }
    })();
  }, [request, onSeen, threads, send, door, notices, intl]);
  return { wanted };
}
