import { expect, test } from "vitest";

import { dateForm, sizeParts } from "./quantity";

const at = (year: number, month: number, day: number, hour = 12) =>
  new Date(year, month - 1, day, hour).getTime();

test.each([
  [at(2026, 11, 22, 0), "time"],
  [at(2026, 11, 22, 23), "time"],
  [at(2026, 11, 21, 23), "weekday"],
  [at(2026, 11, 16), "weekday"],
  [at(2026, 11, 15), "day"],
  [at(2026, 11, 23), "day"],
  [at(2026, 1, 1), "day"],
  [at(2025, 12, 31), "date"],
])("date %d _is_written_as %s", (date, expected) => {
  expect(dateForm(date, at(2026, 11, 22, 9))).toBe(expected);
});

test.each([
  [0, 0, "kilobyte"],
  [1, 0.1, "kilobyte"],
  [350, 0.35, "kilobyte"],
  [1000, 1, "kilobyte"],
  [412_300, 412.3, "kilobyte"],
  [999_600, 0.9996, "megabyte"],
  [5_000_000_000_000, 5000, "gigabyte"],
])("size %d _is %d %s", (bytes, value, unit) => {
  expect(sizeParts(bytes)).toEqual({ value, unit });
});
