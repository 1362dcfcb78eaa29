import { expect, test } from "vitest";

import { arrivalDays, barHeights, dayPlace } from "./arrivals";

const HOUR = 3_600_000;

test("hours_are_put_together_by_the_readers_days", () => {
  const since = new Date(2026, 10, 20, 22).getTime();
  const hours = [1, 2, ...Array.from({ length: 24 }, () => 1), 5];
  const days = arrivalDays(hours, since);
  expect(days.map(({ messages }) => messages)).toEqual([3, 24, 5]);
  expect(days.map(({ at }) => (at - since) / HOUR)).toEqual([0, 2, 26]);
  expect(days.map((day) => dayPlace(day, since, hours.length))).toEqual([0, 2 / 27, 26 / 27]);
  expect(arrivalDays([], since)).toEqual([]);
});

test("single_message_is_seen_beside_many", () => {
  expect(barHeights([0, 1, 50, 100])).toEqual([0, 0.08, 0.5, 1]);
  expect(barHeights([0, 1, 2])).toEqual([0, 0.25, 0.5]);
  expect(barHeights([])).toEqual([]);
});
