import type { MessageRow } from "../../ipc/contract";
import type { FolderLine } from "./folders";
import { moveTargets } from "./folders";
import { accountOf } from "./rowActions";

/** Names what is dragged to the window itself; nothing of a message leaves it. */
export const DRAGGED = "application/x-mailroom-messages";

/** What becomes of rows that are let go over a folder. */
export type DropOutcome = "moves" | "sameFolder" | "otherAccount" | "severalAccounts" | "noTarget";

/** What becomes of these rows over the folder `path` of an account. */
export function dropOutcome(
  rows: readonly MessageRow[],
  address: string,
  lines: readonly FolderLine[],
  path: string,
): DropOutcome {
  const account = accountOf(rows);
  if (account === null) {
    return "severalAccounts";
  }
  if (account !== address) {
    return "otherAccount";
  }
  if (rows.every(({ folder }) => folder === path)) {
    return "sameFolder";
  }
  return moveTargets(lines, "").some(({ folder }) => folder.path === path) ? "moves" : "noTarget";
}

/** The picture under the pointer while rows are dragged: how many they are. The caller takes it away again. */
export function dragImage(words: string, className: string): HTMLElement {
  const image = document.createElement("div");
  image.className = className;
  image.textContent = words;
  document.body.append(image);
  return image;
}
