import type { FolderSummary } from "../../ipc/contract";
import type { FolderLine } from "./folders";

interface Asked {
  address: string;
  /** What was chosen to ask; it has the focus again afterwards. */
  from: HTMLElement | null;
}

/** A folder to be made: at the top, or in another one. */
export interface AskedFolderCreation extends Asked {
  what: "create";
  parent: FolderSummary | null;
}

/** A folder to be given another name or another place, or to be deleted. */
export interface AskedFolderChange extends Asked {
  what: "rename" | "delete";
  line: FolderLine;
}

/** What is to become of a folder, and is asked about in a sheet. */
export type FolderAsk = AskedFolderCreation | AskedFolderChange;

/** The last level of a folder's path. */
export function lastPart({ path, delimiter }: FolderSummary): string {
  return delimiter === null ? path : (path.split(delimiter).at(-1) ?? path);
}

/** The path of what holds a folder; empty at the top. */
export function parentPath({ path, delimiter }: FolderSummary): string {
  return delimiter === null || !path.includes(delimiter) ? "" : path.slice(0, path.lastIndexOf(delimiter));
}

/** True for the path of a folder and of those in it. */
export function liesIn(path: string, folder: Pick<FolderSummary, "path" | "delimiter">): boolean {
  return (
    path === folder.path || (folder.delimiter !== null && path.startsWith(folder.path + folder.delimiter))
  );
}

/** Where a folder can be put: into those that take folders, but not into itself. */
export function parentsOf(lines: readonly FolderLine[], moved: FolderSummary | null): FolderLine[] {
  return lines.filter(
    ({ folder }) => folder.takes_folders && (moved === null || !liesIn(folder.path, moved)),
  );
}

/** Why no folder can have a name, as far as that is known without the server. */
export type NameProblem = "delimiter" | "reserved" | "exists";

/** What separates levels below `parent` (a path, empty for the top); `null` where there are none. */
export function delimiterIn(parent: string, folders: readonly FolderSummary[]): string | null {
  const holder = folders.find(({ path }) => path === parent);
  return holder?.delimiter ?? folders.find(({ delimiter }) => delimiter !== null)?.delimiter ?? null;
}

/** What is wrong with a name that was typed, for a folder in `parent` (a path, empty for the top). */
export function nameProblem(
  typed: string,
  parent: string,
  folders: readonly FolderSummary[],
  renamed: FolderSummary | null,
): NameProblem | null {
  const name = typed.trim();
  const delimiter = delimiterIn(parent, folders);
  if (delimiter !== null && name.includes(delimiter)) {
    return "delimiter";
  }
  if (parent === "" && (name.toLowerCase() === "inbox" || name.startsWith("#"))) {
    return "reserved";
  }
  const path = parent === "" ? name : `${parent}${delimiter ?? ""}${name}`;
  const isTaken = folders.some(
    (folder) => folder.path === path && folder.selectable && folder.id !== renamed?.id,
  );
  return isTaken ? "exists" : null;
}

/** The path of a folder after one that holds it, or is it, was renamed. */
export function followed(path: string, renamed: FolderSummary, now: string): string {
  return liesIn(path, renamed) ? now + path.slice(renamed.path.length) : path;
}
