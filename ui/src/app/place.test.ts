import { expect, test } from "vitest";

import { destination, nextPlace, screenOf } from "./place";
import type { Place } from "./place";

const start: Place = { kind: "start" };
const setup: Place = { kind: "setup" };
const mail: Place = { kind: "mail", address: null };
const settings: Place = { kind: "settings", page: "general" };
const added: Place = { kind: "mail", address: "ewa@example.com" };

test.each([
  [start, 0, setup],
  [start, 2, mail],
  [setup, 1, setup],
  [mail, 1, mail],
  [mail, 0, setup],
  [added, 0, added],
  [settings, 0, settings],
])("place %j _with %d accounts_is %j", (place, accounts, expected) => {
  expect(nextPlace(place, accounts)).toEqual(expected);
});

test.each([
  [start, false, false, "loading"],
  [start, false, true, "trouble"],
  [setup, false, true, "setup"],
  [mail, true, false, "mail"],
  [mail, true, true, "mail"],
  [settings, true, false, "settings"],
  [settings, false, true, "settings"],
] as const)("place %j _known %j _failed %j _shows %s", (place, isKnown, failed, expected) => {
  expect(screenOf(place, isKnown, failed)).toBe(expected);
});

const wizard = { kind: "setup", resume: "anna@example.com" } as const;

test.each([
  [settings, mail, null, mail],
  [settings, mail, wizard, wizard],
  [settings, added, wizard, added],
  [setup, mail, wizard, mail],
  [mail, settings, null, settings],
] as const)("way from %j _to %j _with_wizard %j _leads_to %j", (from, to, open, expected) => {
  expect(destination(from, to as Parameters<typeof destination>[1], open)).toEqual(expected);
});
