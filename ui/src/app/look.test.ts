import { expect, test } from "vitest";

import { localeOf, readLook, themeOf } from "./look";

test.each([
  ["system", ["ru-RU", "en"], "ru"],
  ["system", ["de"], "en"],
  ["pl", ["ru"], "pl"],
  ["tlh", ["ru"], "ru"],
])("language %s _with %j _is %s", (language, wanted, expected) => {
  expect(localeOf(language, wanted)).toBe(expected);
});

test.each([
  ["system", false, "light"],
  ["system", true, "dark"],
  ["light", true, "light"],
  ["dark", false, "dark"],
  ["sepia", true, "dark"],
] as const)("theme %s _in_a_dark_system %s _is %s", (theme, isDark, expected) => {
  expect(themeOf(theme, isDark)).toBe(expected);
});

test.each([
  [null, null],
  ["", null],
  ["null", null],
  ["[]", null],
  ['{"language":"pl","theme":1,"density":"compact"}', null],
  [
    '{"language":"pl","theme":"dark","density":"compact","x":1}',
    { language: "pl", theme: "dark", density: "compact" },
  ],
])("remembered %j _is_read_as %j", (text, expected) => {
  expect(readLook(text)).toEqual(expected);
});
