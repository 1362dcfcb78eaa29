import type { FolderSummary } from "../../ipc/contract";

/** A folder with those inside it. */
export interface FolderNode {
  /** The whole path, which is what is chosen. */
  path: string;
  /** The last part of the path. */
  name: string;
  role: string | null;
  /** False for a folder that only holds others. */
  selectable: boolean;
  /** Messages in it, as far as it is known. */
  messages: number;
  children: FolderNode[];
}

/** The order in which people look for them; the rest follows by name. */
const ROLES = ["inbox", "drafts", "sent", "archive", "junk", "trash", "all", "flagged", "important"];

const rank = (node: FolderNode) => {
  const at = node.role === null ? -1 : ROLES.indexOf(node.role);
  return at < 0 ? ROLES.length : at;
};

function sorted(nodes: FolderNode[], locale: string): FolderNode[] {
  return nodes
    .map((node) => ({ ...node, children: sorted(node.children, locale) }))
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, locale));
}

/** The folders as a tree. A parent that the server does not list is no folder: its children keep their whole path. */
export function folderTree(folders: readonly FolderSummary[], locale: string): FolderNode[] {
  const nodes = new Map<string, FolderNode>(
    folders.map(({ path, role, selectable, messages }) => [
      path,
      { path, name: path, role, selectable, messages, children: [] },
    ]),
  );
  const roots: FolderNode[] = [];
  for (const { path, delimiter } of folders) {
    const node = nodes.get(path);
    const end = delimiter === null ? -1 : path.lastIndexOf(delimiter);
    const parent = end > 0 ? nodes.get(path.slice(0, end)) : undefined;
    if (node === undefined) {
      continue;
    }
    if (parent === undefined) {
      roots.push(node);
    } else {
      node.name = path.slice(end + 1);
      parent.children.push(node);
    }
  }
  return sorted(roots, locale);
}

/** The choice with the folder put in or taken out; nothing else changes, whatever is inside the folder. */
export function toggled(chosen: readonly string[], path: string): string[] {
  return chosen.includes(path) ? chosen.filter((other) => other !== path) : [...chosen, path];
}

/** The folders that a choice begins with: the inbox and what was sent. */
export function firstChoice(folders: readonly FolderSummary[]): string[] {
  return folders
    .filter((folder) => folder.selectable && (folder.role === "inbox" || folder.role === "sent"))
    .map((folder) => folder.path);
}
