/** What a key does in the mail view. */
export type KeyAction =
  | "next"
  | "previous"
  | "first"
  | "last"
  | "archive"
  | "delete"
  | "junk"
  | "star"
  | "unread"
  | "move"
  | "search"
  | "close";

/** The keys, as the tooltips name them. */
export const KEYS = {
  archive: "E",
  delete: "#",
  junk: "!",
  star: "S",
  unread: "U",
  move: "V",
  search: "/",
} as const;

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const ACTIONS: Record<string, KeyAction> = {
  j: "next",
  k: "previous",
  ArrowDown: "next",
  ArrowUp: "previous",
  Home: "first",
  End: "last",
  e: "archive",
  "#": "delete",
  Delete: "delete",
  "!": "junk",
  s: "star",
  u: "unread",
  v: "move",
  "/": "search",
  Escape: "close",
};

/**
 * What a key does. Keys with Ctrl, ⌘ or Alt belong to the system, and while somebody types into a field (`isTyping`)
 * all keys but Escape are text. A letter counts in either case, since Caps Lock is no wish.
 */
export function actionOf(press: KeyPress, isTyping: boolean): KeyAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) {
    return null;
  }
  const action = ACTIONS[press.key.length === 1 ? press.key.toLowerCase() : press.key] ?? null;
  return isTyping && action !== "close" ? null : action;
}

/** True when the element takes text or has keys of its own. */
export function takesKeys(element: Element | null): boolean {
  return (
    element !== null &&
    element.closest(
      "input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]",
    ) !== null
  );
}
