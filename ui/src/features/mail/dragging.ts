import type { MessageRow } from "../../ipc/contract";
import type { FolderLine, Placing } from "./folders";
import { targetsOf } from "./folders";
import { accountOf } from "./rowActions";

/** Names what is dragged to the window itself; nothing of a message leaves it. */
export const DRAGGED = "application/x-mailroom-messages";

/** What becomes of rows that are let go over a folder. */
export type DropOutcome = "moves" | "copies" | "sameFolder" | "otherAccount" | "severalAccounts" | "noTarget";

/** What becomes of these rows over the folder `path` of an account. */
export function dropOutcome(
  placing: Placing,
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
  if (!targetsOf(placing, lines, "").some(({ folder }) => folder.path === path)) {
    return "noTarget";
  }
  return placing === "move" ? "moves" : "copies";
}

/** What somebody wants who drags with these keys held: Ctrl copies, on a Mac Option, as with files. */
export function placingOf(held: Pick<KeyboardEvent, "ctrlKey" | "altKey">, isMac: boolean): Placing {
  return (isMac ? held.altKey : held.ctrlKey) ? "copy" : "move";
}

/** The picture under the pointer while rows are dragged: how many they are. The caller takes it away again. */
export function dragImage(words: string, className: string): HTMLElement {
  const image = document.createElement("div");
  image.className = className;
  image.textContent = words;
  document.body.append(image);
  return image;
}
