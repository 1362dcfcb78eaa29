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
  /** The place of the key, as on an American keyboard: `KeyJ`. */
  code: string;
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
 * all keys but Escape are text. A letter counts in either case, since Caps Lock is no wish, and on a keyboard without
 * Latin letters it is the key in its place.
 */
export function actionOf(press: KeyPress, isTyping: boolean): KeyAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) {
    return null;
  }
  const action = ACTIONS[nameOf(press)] ?? null;
  return isTyping && action !== "close" ? null : action;
}

function nameOf({ key, code }: KeyPress): string {
  if (/^[^\p{ASCII}]$/u.test(key) && /^\p{L}$/u.test(key) && code.startsWith("Key")) {
    return code.slice(3).toLowerCase();
  }
  return key.length === 1 ? key.toLowerCase() : key;
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
