import { expect, test } from "vitest";

import { actionOf, takesKeys } from "./keys";

const press = (key: string, modifiers = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...modifiers,
});

test.each([
  ["j", false, "next"],
  ["K", false, "previous"],
  ["#", false, "delete"],
  ["Delete", false, "delete"],
  ["e", false, "archive"],
  ["x", false, null],
  ["j", true, null],
  ["Escape", true, "close"],
  ["Home", true, null],
])("key %s _while_typing %j _does %j", (key, isTyping, expected) => {
  expect(actionOf(press(key), isTyping)).toBe(expected);
});

test.each([
  ["о", "KeyJ", "next"],
  ["У", "KeyE", "archive"],
  ["é", "Digit2", null],
])("key %s _at %s _does %j", (key, code, expected) => {
  expect(actionOf(press(key, { code }), false)).toBe(expected);
});

test.each(["ctrlKey", "metaKey", "altKey"])("key_with %s _belongs_to_the_system", (modifier) => {
  expect(actionOf(press("s", { [modifier]: true }), false)).toBeNull();
});

test("field_and_sheet_take_keys_and_a_button_does_not", () => {
  document.body.innerHTML = "<input><div role=dialog><button></button></div><p></p>";
  expect(takesKeys(document.querySelector("input"))).toBe(true);
  expect(takesKeys(document.querySelector("[role=dialog] button"))).toBe(true);
  expect(takesKeys(document.querySelector("p"))).toBe(false);
  expect(takesKeys(null)).toBe(false);
});
