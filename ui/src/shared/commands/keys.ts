/** What is known of a key press. */
export interface KeyPress {
  key: string;
  /** The place of the key, as on an American keyboard: `KeyJ`. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** Where the focus is when a key is pressed. A menu has keys of its own, a sheet as well. */
export type KeyPlace = "page" | "text" | "dialog" | "menu";

interface KeySpec {
  mod: boolean;
  alt: boolean;
  shift: boolean;
  key: string;
}

/** Reads `Mod+Shift+K`. The key itself comes last and may be a plus. */
function readSpec(keys: string): KeySpec {
  const parts =
    keys.endsWith("++") || keys === "+" ? [...keys.slice(0, -2).split("+"), "+"] : keys.split("+");
  return {
    mod: parts.includes("Mod"),
    alt: parts.includes("Alt"),
    shift: parts.includes("Shift"),
    key: parts.at(-1) ?? "",
  };
}

/** What the digits give with Shift on an American keyboard, for layouts whose own sign is not ASCII, as "№" is. */
const SHIFTED_DIGITS = [")", "!", "@", "#", "$", "%", "^", "&", "*", "("];

/**
 * The name of the pressed key. A letter counts in either case, since Caps Lock is no wish; on a keyboard without Latin
 * letters it is the key in its place.
 */
function nameOf({ key, code, shiftKey }: KeyPress): string {
  if (key.length === 1 && /[^\p{ASCII}]/u.test(key)) {
    if (code.startsWith("Key")) {
      return code.slice(3).toLowerCase();
    }
    if (code.startsWith("Digit")) {
      const digit = code.slice(5);
      return shiftKey ? (SHIFTED_DIGITS[Number(digit)] ?? key) : digit;
    }
  }
  return key.length === 1 ? key.toLowerCase() : key;
}

const isLetter = (key: string) => /^[a-z]$/i.test(key);

/** True when the press is one of `keys`. Shift has to be as named for letters and named keys; it is part of a sign. */
export function isPressed(keys: string, press: KeyPress, isMac: boolean): boolean {
  const spec = readSpec(keys);
  const mod = isMac ? press.metaKey : press.ctrlKey;
  const other = isMac ? press.ctrlKey : press.metaKey;
  if (other || mod !== spec.mod || press.altKey !== spec.alt) {
    return false;
  }
  const wanted = spec.key.length === 1 ? spec.key.toLowerCase() : spec.key;
  if (nameOf(press) !== wanted) {
    return false;
  }
  const isSign = wanted.length === 1 && !isLetter(wanted);
  return isSign || spec.shift === press.shiftKey;
}

/** True for a letter, digit or sign alone: what somebody may press by mistake and can switch off (WCAG 2.1.4). */
export function isSingle(keys: string): boolean {
  const { mod, alt, key } = readSpec(keys);
  return !mod && !alt && key.length === 1;
}

/** What these do in a text is the text's own. */
const TEXT_KEYS = new Set(["a", "c", "v", "x", "y", "z", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
const TEXT_NAMED = new Set(["Home", "End", "Backspace", "Delete", "Enter"]);

/** True when keys do something at that place. */
export function worksAt(keys: string, place: KeyPlace, singleKeys: boolean): boolean {
  const { mod, alt, key } = readSpec(keys);
  switch (place) {
    case "menu":
      return false;
    case "dialog":
    case "page":
      return singleKeys || !isSingle(keys);
    case "text":
      if (mod || alt) {
        return !TEXT_KEYS.has(key.length === 1 ? key.toLowerCase() : key) && !TEXT_NAMED.has(key);
      }
      return key === "Escape" || /^F\d+$/.test(key);
  }
}

const TEXT_FIELDS =
  "input:not([type=checkbox], [type=radio], [type=button], [type=range]), textarea, select, [contenteditable]:not([contenteditable=false])";

/** Where the focus is. */
export function placeOf(element: Element | null): KeyPlace {
  if (element === null) {
    return "page";
  }
  if (element.closest("[role=menu], [role=menubar]") !== null) {
    return "menu";
  }
  if (element.closest("[role=dialog], [role=alertdialog]") !== null) {
    return "dialog";
  }
  return element.closest(TEXT_FIELDS) === null ? "page" : "text";
}

/** True when the place takes text; a sheet's field does as well. */
export function isTextField(element: Element | null): boolean {
  return element !== null && element.closest(TEXT_FIELDS) !== null;
}

const PRINTED: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Delete: "Del",
  " ": "␣",
};
const PRINTED_MAC: Record<string, string> = {
  ...PRINTED,
  Delete: "⌦",
  Backspace: "⌫",
  Enter: "↩",
  Escape: "⎋",
};

/** Keys as the platform prints them: `Ctrl+Shift+K`, on a Mac `⇧⌘K`. */
export function printedKeys(keys: string, isMac: boolean): string {
  const { mod, alt, shift, key } = readSpec(keys);
  const name = (isMac ? PRINTED_MAC : PRINTED)[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const before = isMac
    ? [alt && "⌥", shift && "⇧", mod && "⌘"]
    : [mod && "Ctrl", alt && "Alt", shift && "Shift"];
  return [...before.filter((part) => part !== false), name].join(isMac ? "" : "+");
}

/** Keys in the form of `aria-keyshortcuts`. */
export function ariaKeys(keys: string, isMac: boolean): string {
  const { mod, alt, shift, key } = readSpec(keys);
  const before = [mod && (isMac ? "Meta" : "Control"), alt && "Alt", shift && "Shift"];
  const name = key.length === 1 ? key.toUpperCase() : key;
  return [...before.filter((part) => part !== false), name].join("+");
}

/** True on a Mac, where ⌘ is what Ctrl is elsewhere. */
export const onMac = /mac/i.test(globalThis.navigator?.platform ?? "");
