import type { IntlShape } from "react-intl";

/** How a date in a list is written: only as much of it as tells it from the others. */
export type DateForm = "time" | "weekday" | "day" | "date";

const DAY = 86_400_000;

/** The form for `at` when it is `now`, both in Unix milliseconds, in the reader's own days. */
export function dateForm(at: number, now: number): DateForm {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY);
  if (days === 0) {
    return "time";
  }
  if (days > 0 && days < 7) {
    return "weekday";
  }
  return isThisYear(at, now) ? "day" : "date";
}

/** True for a day of the reader's year at `now`, both in Unix milliseconds. */
export function isThisYear(at: number, now: number): boolean {
  return new Date(at).getFullYear() === new Date(now).getFullYear();
}

function startOfDay(at: number): number {
  const day = new Date(at);
  return day.setHours(0, 0, 0, 0);
}

const FORMS = {
  time: { hour: "numeric", minute: "2-digit" },
  weekday: { weekday: "short" },
  day: { day: "numeric", month: "short" },
  date: { day: "2-digit", month: "2-digit", year: "numeric" },
} as const satisfies Record<DateForm, Intl.DateTimeFormatOptions>;

/** A date as a list shows it. */
export function shortDate(intl: IntlShape, at: number, now: number): string {
  return intl.formatDate(at, FORMS[dateForm(at, now)]);
}

/** A date as a message shows it. */
export function longDate(intl: IntlShape, at: number): string {
  return intl.formatDate(at, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** A date as the head of a message shows it: the day in full, and no more of it than is needed. */
export function mediumDate(intl: IntlShape, at: number, now: number): string {
  return intl.formatDate(at, {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(isThisYear(at, now) ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** A size in a unit that keeps it short: 1,000 steps, as file managers count, and no unit below the kilobyte. */
export function sizeParts(bytes: number): { value: number; unit: "kilobyte" | "megabyte" | "gigabyte" } {
  const units = ["kilobyte", "megabyte", "gigabyte"] as const;
  let value = bytes <= 0 ? 0 : Math.max(0.1, bytes / 1000);
  let step = 0;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return { value, unit: units[step] ?? "gigabyte" };
}

/** A size in the reader's language. Its number and its unit stay in one line. */
export function size(intl: IntlShape, bytes: number): string {
  const { value, unit } = sizeParts(bytes);
  const text = intl.formatNumber(value, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: value >= 10 ? 0 : 1,
  });
  return text.replaceAll(" ", "\u00A0");
}
