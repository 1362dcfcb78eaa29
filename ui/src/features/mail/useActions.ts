import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { MessageRow, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { patched } from "./patch";
import type { RowPatch, WithRows } from "./patch";
import { withFlags } from "./rows";

/** What can be done with a message. It shows at once; the server hears of it when it can be reached. */
export interface Actions {
  mark: (row: MessageRow, add: readonly string[], remove: readonly string[]) => void;
  /** `folder` is a path or a role. */
  move: (row: MessageRow, folder: string) => void;
  remove: (row: MessageRow) => void;
  /** Why the last change was not made, when it was not. */
  trouble: WireError | null;
  forgetTrouble: () => void;
}

const KEPT_IN = new Set(["message_list", "message_search", "message_show"]);

export function useActions(): Actions {
  const client = useQueryClient();
  const [trouble, setTrouble] = useState<WireError | null>(null);
  const marking = useCommandMutation("message_mark");
  const moving = useCommandMutation("message_move");
  const removing = useCommandMutation("message_delete");

  const patchRows = (patch: RowPatch) => {
    client.setQueriesData<WithRows>(
      { predicate: ({ queryKey: [name] }) => KEPT_IN.has(String(name)) },
      (data) => (data === undefined ? undefined : patched(data, patch)),
    );
  };
  const without = (gone: MessageRow) => patchRows((row) => (row.id === gone.id ? null : row));
  // The commands make the lists ask again when they end, so a change that was refused undoes itself on the screen.
  const onError = (error: Error) => setTrouble(wireOf(error));

  return {
    mark: (row, add, remove) => {
      patchRows((other) => (other.id === row.id ? withFlags(other, add, remove) : other));
      marking.mutate({ ids: [row.id], add: [...add], remove: [...remove] }, { onError });
    },
    move: (row, folder) => {
      without(row);
      moving.mutate({ ids: [row.id], folder }, { onError });
    },
    remove: (row) => {
      without(row);
      removing.mutate({ ids: [row.id] }, { onError });
    },
    trouble,
    forgetTrouble: () => setTrouble(null),
  };
}
