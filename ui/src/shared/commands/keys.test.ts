import { expect, test } from "vitest";

import { ariaKeys, isPressed, isSingle, placeOf, printedKeys, worksAt } from "./keys";
import type { KeyPlace } from "./keys";

const press = (key: string, code = "", held: string[] = []) => ({
  key,
  code,
  ctrlKey: held.includes("ctrl"),
  metaKey: held.includes("meta"),
  altKey: held.includes("alt"),
  shiftKey: held.includes("shift"),
});

test.each([
  ["e", press("e", "KeyE"), true],
  ["e", press("E", "KeyE"), true],
  ["e", press("E", "KeyE", ["shift"]), false],
  ["e", press("у", "KeyE"), true],
  ["e", press("e", "KeyE", ["ctrl"]), false],
  ["e", press("ę", "KeyE", ["alt"]), false],
  ["q", press("a", "KeyQ"), false],
  ["Mod+K", press("k", "KeyK", ["ctrl"]), true],
  ["Mod+K", press("л", "KeyK", ["ctrl"]), true],
  ["Mod+K", press("k", "KeyK", ["meta"]), false],
  ["Mod+K", press("K", "KeyK", ["ctrl", "shift"]), false],
  ["Mod+Shift+K", press("K", "KeyK", ["ctrl", "shift"]), true],
  ["#", press("#", "Digit3", ["shift"]), true],
  ["#", press("№", "Digit3", ["shift"]), true],
  ["#", press("#", "Backslash"), true],
  ["?", press("?", "Digit7", ["shift"]), true],
  ["/", press("/", "Slash"), true],
  ["/", press(".", "Slash"), false],
  ["Shift+ArrowDown", press("ArrowDown", "ArrowDown", ["shift"]), true],
  ["ArrowDown", press("ArrowDown", "ArrowDown", ["shift"]), false],
  ["Mod++", press("+", "NumpadAdd", ["ctrl"]), true],
])("keys %s _pressed_as %j _is %s", (keys, pressed, expected) => {
  expect(isPressed(keys, pressed, false)).toBe(expected);
});

test("mod_on_a_mac_is_command", () => {
  expect(isPressed("Mod+K", press("k", "KeyK", ["meta"]), true)).toBe(true);
  expect(isPressed("Mod+K", press("k", "KeyK", ["ctrl"]), true)).toBe(false);
});

test.each([
  ["e", true],
  ["#", true],
  ["Shift+E", true],
  ["Mod+K", false],
  ["Delete", false],
  ["ArrowDown", false],
])("keys %s _single %s", (keys, expected) => {
  expect(isSingle(keys)).toBe(expected);
});

test.each<[string, KeyPlace, boolean, boolean]>([
  ["e", "page", true, true],
  ["e", "page", false, false],
  ["Delete", "page", false, true],
  ["e", "text", true, false],
  ["Delete", "text", true, false],
  ["Escape", "text", true, true],
  ["F6", "text", true, true],
  ["Mod+K", "text", false, true],
  ["Mod+Z", "text", true, false],
  ["Mod+A", "text", true, false],
  ["Mod+Z", "page", false, true],
  ["e", "menu", true, false],
  ["Mod+K", "menu", true, false],
])("keys %s _at %s _with_single %s _works %s", (keys, place, single, expected) => {
  expect(worksAt(keys, place, single)).toBe(expected);
});

test.each([
  ["Mod+K", "Ctrl+K", "⌘K"],
  ["Mod+Shift+U", "Ctrl+Shift+U", "⇧⌘U"],
  ["e", "E", "E"],
  ["ArrowDown", "↓", "↓"],
  ["Escape", "Esc", "⎋"],
])("keys %s _are_printed %s", (keys, elsewhere, mac) => {
  expect([printedKeys(keys, false), printedKeys(keys, true)]).toEqual([elsewhere, mac]);
});

test("keys_for_a_screen_reader_have_their_standard_names", () => {
  expect([ariaKeys("Mod+k", false), ariaKeys("Mod+k", true)]).toEqual(["Control+K", "Meta+K"]);
});

test.each([
  ["<input id=x>", "text"],
  ["<input type=checkbox id=x>", "page"],
  ["<div contenteditable=true><b id=x></b></div>", "text"],
  ["<div role=dialog><input id=x></div>", "dialog"],
  ["<div role=menu><button id=x></button></div>", "menu"],
  ["<button id=x></button>", "page"],
])("focus_in %s _is %s", (html, expected) => {
  document.body.innerHTML = html;
  expect(placeOf(document.querySelector("#x"))).toBe(expected);
});
