import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import type { MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import { describe, expect, test } from "vitest";

import { LOCALES } from "./locale";
import type { Locale } from "./locale";
import { MESSAGES } from "./messages";
import type { MessageKey } from "./messages";

/** What a text asks of its language: the values it names, and the cases of each plural and select. */
interface Shape {
  values: Set<string>;
  plurals: { name: string; ordinal: boolean; cases: string[] }[];
  selects: { name: string; cases: string[] }[];
}

function shapeOf(text: string): Shape {
  const shape: Shape = { values: new Set(), plurals: [], selects: [] };
  const visit = (elements: MessageFormatElement[]) => {
    for (const element of elements) {
      if (element.type === TYPE.literal || element.type === TYPE.pound) {
        continue;
      }
      shape.values.add(element.value);
      if (element.type === TYPE.plural) {
        const cases = Object.keys(element.options);
        shape.plurals.push({ name: element.value, ordinal: element.pluralType === "ordinal", cases });
      }
      if (element.type === TYPE.select) {
        shape.selects.push({ name: element.value, cases: Object.keys(element.options).toSorted() });
      }
      if (element.type === TYPE.plural || element.type === TYPE.select) {
        Object.values(element.options).forEach((option) => visit(option.value));
      }
      if (element.type === TYPE.tag) {
        visit(element.children);
      }
    }
  };
  visit(parse(text));
  return shape;
}

const keys = Object.keys(MESSAGES.en) as MessageKey[];

describe.each(LOCALES)("locale %s", (locale) => {
  test("keys_are_those_of_english", () => {
    expect(Object.keys(MESSAGES[locale]).toSorted()).toEqual(keys.toSorted());
  });

  test.each(keys)("text %s _names_the_values_and_selects_of_english", (key) => {
    const [english, own] = [shapeOf(MESSAGES.en[key]), shapeOf(MESSAGES[locale][key])];
    expect([...own.values].toSorted()).toEqual([...english.values].toSorted());
    expect(own.selects).toEqual(english.selects);
    expect(own.plurals.map(({ name }) => name)).toEqual(english.plurals.map(({ name }) => name));
  });

  test.each(keys)("text %s _has_every_plural_case_of_its_language", (key) => {
    for (const plural of shapeOf(MESSAGES[locale][key]).plurals) {
      const rules = new Intl.PluralRules(locale, { type: plural.ordinal ? "ordinal" : "cardinal" });
      const named = plural.cases.filter((name) => !name.startsWith("="));
      expect(named.toSorted()).toEqual(rules.resolvedOptions().pluralCategories.toSorted());
    }
  });

  test.each(keys)("text %s _is_not_empty", (key) => {
    expect(MESSAGES[locale][key].trim()).not.toBe("");
  });
});

/** Texts that are the same as in English and rightly so: a word that both languages have, a name, or no word at all. */
const SAME: Record<Exclude<Locale, "en">, readonly MessageKey[]> = {
  pl: [
    "setup.servers.port",
    "setup.proofs.took",
    "setup.loading.perSecond",
    "settings.program",
    "settings.notify.sampleFrom",
    "settings.command",
    "settings.import",
    "settings.signature.link",
    "compose.format.link",
    "compose.link.title",
    "desk.line",
    "desk.tooltip.trouble",
  ],
  ru: ["settings.command", "desk.line", "desk.tooltip.trouble"],
};

test.each(["pl", "ru"] as const)("locale %s _says_nothing_in_english", (locale) => {
  const english = keys.filter((key) => MESSAGES[locale][key] === MESSAGES.en[key]);
  expect(english.toSorted()).toEqual(SAME[locale].toSorted());
});
