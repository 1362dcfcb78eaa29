import { expect, test } from "vitest";

import type { SettingsUpdate } from "../../ipc/contract";
import { DEFAULTS, changed, reversed } from "./settings";

test.each<[SettingsUpdate, Partial<typeof DEFAULTS>]>([
  [{}, {}],
  [{ theme: "dark" }, { theme: "dark" }],
  [
    { read_after_s: 5, threads: false },
    { read_after_s: 5, threads: false },
  ],
  [{ read_after_s: -1 }, { read_after_s: null }],
])("change %j _gives %j", (part, expected) => {
  expect(changed(DEFAULTS, part)).toEqual({ ...DEFAULTS, ...expected });
});

test.each<[Partial<typeof DEFAULTS>, SettingsUpdate]>([
  [{}, { language: "pl" }],
  [{ undo_send_s: 0 }, { undo_send_s: 30, plain_text: true }],
  [{ read_after_s: null }, { read_after_s: 2 }],
  [{ read_after_s: 2 }, { read_after_s: -1 }],
])("change_of %j _by %j _can_be_taken_back", (start, part) => {
  const before = { ...DEFAULTS, ...start };
  const back = reversed(before, part);
  expect(Object.keys(back).toSorted()).toEqual(Object.keys(part).toSorted());
  expect(changed(changed(before, part), back)).toEqual(before);
});
