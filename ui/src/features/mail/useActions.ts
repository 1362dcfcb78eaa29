import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import { tags } from "../../ipc/contract";
import type { Undoable } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { invalidate } from "../../ipc/tags";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { patched } from "./patch";
import type { RowPatch, WithRows } from "./patch";
import { marked, without } from "./rows";
import type { SeenIn } from "./rows";

/** Changes that the core has not answered yet. What is asked for meanwhile is shown with them. */
export type Pending = Set<RowPatch>;

/** What can be done with messages. It shows at once; the server hears of it when it can be reached. */
export interface Actions {
  /** `said` is the line at the bottom that offers to undo it; `null` for what is not worth one. */
  mark: (
    ids: readonly number[],
    add: readonly string[],
    remove: readonly string[],
    said: string | null,
  ) => void;
  /** `folder` is a path or a role. `onUndone` is told when it was taken back. */
  move: (from: SeenIn, folder: string, said: string, onUndone: () => void) => void;
  /** `folder` is a path. `there` is said when every message stands there already, so that nothing is copied. */
  copy: (from: SeenIn, folder: string, said: { copied: string; there: string }) => void;
  remove: (from: SeenIn, said: string, onUndone: () => void) => void;
  /** Marks everything in a folder (a path) as read. */
  readFolder: (address: string, folder: string, said: string) => void;
}

const idsIn = (from: SeenIn) => [...new Set(Object.values(from).flat())];

const KEPT_IN = new Set(["message_list", "message_search", "message_show", "thread_show"]);

type Changing = "message_mark" | "message_move" | "message_copy" | "message_delete" | "folder_read";

export function useActions(pending: Pending): Actions {
  const intl = useIntl();
  const door = useDoor();
  const client = useQueryClient();
  const notices = useNotices();
  const refuse = (error: unknown) =>
    notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` });

  const patchKept = (patch: RowPatch) => {
    client.setQueriesData<WithRows>(
      { predicate: ({ queryKey: [name] }) => KEPT_IN.has(String(name)) },
      (data) => (data === undefined ? undefined : patched(data, patch)),
    );
  };

  const undo = async (id: number, onUndone: () => void) => {
    try {
      await door.call("undo_run", { id });
      onUndone();
    } catch (error) {
      refuse(error);
    }
    await invalidate(client, tags.undo_run.invalidates);
  };

  const change = async (
    name: Changing,
    patch: RowPatch | null,
    call: () => Promise<Undoable>,
    said: (undo: Undoable["undo"]) => string | null,
    onUndone: () => void,
  ) => {
    if (patch !== null) {
      pending.add(patch);
      patchKept(patch);
    }
    try {
      const { undo: id } = await call();
      const text = said(id);
      if (text !== null) {
        notices.show({
          tone: "plain",
          text,
          ...(id === null
            ? {}
            : {
                action: {
                  label: intl.formatMessage({ id: "notices.undo" }),
                  isUndo: true,
                  run: () => void undo(id, onUndone),
                },
              }),
        });
      }
    } catch (error) {
      refuse(error);
    } finally {
      // What was refused comes back with what is asked for now.
      if (patch !== null) {
        pending.delete(patch);
      }
      await invalidate(client, tags[name].invalidates);
    }
  };

  const actions: Actions = {
    mark: (ids, add, remove, said) => {
      const own = new Set(ids);
      const payload = { ids: [...ids], add: [...add], remove: [...remove] };
      void change(
        "message_mark",
        (row) => marked(row, own, add, remove),
        () => door.call("message_mark", payload),
        () => said,
        () => {},
      );
    },
    move: (from, folder, said, onUndone) => {
      const ids = idsIn(from);
      const own = new Set(ids);
      void change(
        "message_move",
        (row) => without(row, own),
        () => door.call("message_move", { ids, folder, from }),
        () => said,
        onUndone,
      );
    },
    copy: (from, folder, { copied, there }) => {
      void change(
        "message_copy",
        null,
        () => door.call("message_copy", { ids: idsIn(from), folder, from }),
        (undone) => (undone === null ? there : copied),
        () => {},
      );
    },
    remove: (from, said, onUndone) => {
      const ids = idsIn(from);
      const own = new Set(ids);
      void change(
        "message_delete",
        (row) => without(row, own),
        () => door.call("message_delete", { ids, from }),
        () => said,
        onUndone,
      );
    },
    readFolder: (address, folder, said) => {
      void change(
        "folder_read",
        null,
        () => door.call("folder_read", { address, folder }),
        (undone) => (undone === null ? null : said),
        () => {},
      );
    },
  };
  // The same functions for as long as the view lives; what they do is that of the last drawing.
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  return useMemo<Actions>(
    () => ({
      mark: (...given) => latest.current.mark(...given),
      move: (...given) => latest.current.move(...given),
      copy: (...given) => latest.current.copy(...given),
      remove: (...given) => latest.current.remove(...given),
      readFolder: (...given) => latest.current.readFolder(...given),
    }),
    [],
  );
}
