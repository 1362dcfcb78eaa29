import { describe, expect, test } from "vitest";

import { dayOf, sendTimes } from "./schedule";

const at = (month: number, day: number, hour: number, minute = 0) =>
  new Date(2026, month - 1, day, hour, minute).getTime();

describe("send times", () => {
  test.each([
    [
      "sunday_noon",
      at(11, 22, 12, 2),
      { hour: at(11, 22, 13, 5), evening: at(11, 22, 18), tomorrow: at(11, 23, 8) },
    ],
    [
      "monday_noon",
      at(11, 23, 12),
      { hour: at(11, 23, 13), evening: at(11, 23, 18), tomorrow: at(11, 24, 8), monday: at(11, 30, 8) },
    ],
    [
      "saturday_evening",
      at(11, 21, 17, 30),
      { hour: at(11, 21, 18, 30), tomorrow: at(11, 22, 8), monday: at(11, 23, 8) },
    ],
    [
      "friday_before_midnight",
      at(11, 20, 23, 58),
      { hour: at(11, 21, 1), tomorrow: at(11, 21, 8), monday: at(11, 23, 8) },
    ],
    [
      "last_day_of_the_year",
      at(12, 31, 19),
      { hour: at(12, 31, 20), tomorrow: at(13, 1, 8), monday: at(13, 4, 8) },
    ],
  ])("%s", (_, now, expected) => {
    expect(Object.fromEntries(sendTimes(now).map(({ kind, at: moment }) => [kind, moment]))).toEqual(
      expected,
    );
  });
});

test.each([
  [at(11, 22, 11), "past"],
  [at(11, 22, 13), "today"],
  [at(11, 23, 0), "tomorrow"],
  [at(11, 24, 8), "week"],
  [at(11, 28, 8), "week"],
  [at(11, 29, 8), "later"],
])("moment %d _is %s", (moment, day) => {
  expect(dayOf(moment, at(11, 22, 12))).toBe(day);
});
