import { expect, test } from "vitest";

import { chooseLocale } from "./locale";

test.each([
  [["pl-PL", "en"], "pl"],
  [["ru_KZ"], "ru"],
  [["de-DE", "RU", "en"], "ru"],
  [["en-GB", "pl"], "en"],
  [["de"], "en"],
  [["C"], "en"],
  [["plt"], "en"],
  [[], "en"],
])("locale_from %j _is %s", (wanted, expected) => {
  expect(chooseLocale(wanted)).toBe(expected);
});
