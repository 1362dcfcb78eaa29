import type { FolderSummary } from "../../ipc/contract";
import type { MessageKey } from "../../i18n/messages";

/** The folders with a purpose of their own, in the order in which they are shown. */
export const ROLES = [
  "inbox",
  "drafts",
  "sent",
  "archive",
  "junk",
  "trash",
  "all",
  "flagged",
  "important",
  "templates",
  "outbox",
] as const;

export type Role = (typeof ROLES)[number];

const ROLE_NAMES: Record<Role, MessageKey> = {
  inbox: "mail.folder.inbox",
  drafts: "mail.folder.drafts",
  sent: "mail.folder.sent",
  archive: "mail.folder.archive",
  junk: "mail.folder.junk",
  trash: "mail.folder.trash",
  all: "mail.folder.all",
  flagged: "mail.folder.flagged",
  important: "mail.folder.important",
  templates: "mail.folder.templates",
  outbox: "mail.folder.outbox",
};

/** A folder as the sidebar shows it. */
export interface FolderLine {
  folder: FolderSummary;
  /** The name of a folder with a purpose is the reader's; another's is the last part of its path. */
  name: { id: MessageKey } | { text: string };
  role: Role | null;
  /** How many folders shown above it hold it. */
  depth: number;
}

export function roleOf(folder: Pick<FolderSummary, "role">): Role | null {
  return ROLES.find((role) => role === folder.role) ?? null;
}

function partsOf(folder: FolderSummary): string[] {
  return folder.delimiter === null ? [folder.path] : folder.path.split(folder.delimiter);
}

/**
 * The folders in the order of the sidebar: those with a purpose first, then the others as a tree. A folder that holds
 * nothing but folders with a purpose, such as Gmail's own, is left out.
 */
export function folderLines(folders: readonly FolderSummary[]): FolderLine[] {
  const withRole: FolderLine[] = [];
  const others: { folder: FolderSummary; parts: string[] }[] = [];
  for (const folder of folders) {
    const role = roleOf(folder);
    if (role === null) {
      others.push({ folder, parts: partsOf(folder) });
    } else {
      withRole.push({ folder, role, name: { id: ROLE_NAMES[role] }, depth: 0 });
    }
  }
  withRole.sort((a, b) => rank(a) - rank(b) || a.folder.path.localeCompare(b.folder.path));
  others.sort((a, b) => compareParts(a.parts, b.parts));
  const shown = others.filter(
    ({ folder, parts }) =>
      folder.selectable || others.some((other) => other.folder !== folder && isInside(other.parts, parts)),
  );
  const tree = shown.map(({ folder, parts }) => ({
    folder,
    role: null,
    name: { text: parts.at(-1) ?? folder.path },
    depth: shown.filter((other) => other.folder !== folder && isInside(parts, other.parts)).length,
  }));
  return [...withRole, ...tree];
}

function rank(line: FolderLine): number {
  return line.role === null ? ROLES.length : ROLES.indexOf(line.role);
}

function compareParts(a: string[], b: string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = (a[index] ?? "").localeCompare(b[index] ?? "");
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

function isInside(inner: string[], outer: string[]): boolean {
  return inner.length > outer.length && outer.every((part, index) => inner[index] === part);
}

/** Where no message can be put: views of messages that stand elsewhere. */
const VIEWS: ReadonlySet<Role | null> = new Set(["all", "flagged", "important"] as const);

/** Where nobody wants a copy; where folders are labels, one there would leave every other folder. */
const THROWN_AWAY: ReadonlySet<Role | null> = new Set(["trash", "junk"] as const);

/** What is done with a message when another folder is chosen for it. */
export type Placing = "move" | "copy";

/** Folders that a message of `from` can be moved or copied to. */
export function targetsOf(placing: Placing, lines: readonly FolderLine[], from: string): FolderLine[] {
  return lines.filter(
    ({ folder, role }) =>
      folder.selectable &&
      folder.path !== from &&
      !VIEWS.has(role) &&
      !(placing === "copy" && THROWN_AWAY.has(role)),
  );
}

/** True when deleting a message of this folder removes it for good instead of moving it to the trash. */
export function deletesForGood(folders: readonly FolderSummary[], path: string): boolean {
  const trash = folders.find((folder) => folder.role === "trash");
  return trash === undefined || trash.path === path;
}
