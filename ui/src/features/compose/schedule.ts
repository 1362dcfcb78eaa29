/** A moment to send at, as the menu offers it. */
export interface SendTime {
  kind: "hour" | "evening" | "tomorrow" | "monday";
  /** Unix milliseconds. */
  at: number;
}

const MORNING = 8;
const EVENING = 18;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** The moments that make sense at `now`, in the person's own time. */
export function sendTimes(now: number): SendTime[] {
  const times: SendTime[] = [{ kind: "hour", at: roundUp(now + HOUR) }];
  const evening = dayAt(now, 0, EVENING);
  // Later in the afternoon "this evening" is what "in one hour" says.
  if (evening - now > HOUR) {
    times.push({ kind: "evening", at: evening });
  }
  times.push({ kind: "tomorrow", at: dayAt(now, 1, MORNING) });
  const untilMonday = (8 - new Date(now).getDay()) % 7 || 7;
  if (untilMonday > 1) {
    times.push({ kind: "monday", at: dayAt(now, untilMonday, MORNING) });
  }
  return times;
}

/** An hour of a later day. Days are counted on the calendar, so that a change of the clock does not shift it. */
function dayAt(now: number, days: number, hour: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() + days);
  day.setHours(hour, 0, 0, 0);
  return day.getTime();
}

/** Up to the next five minutes. */
function roundUp(at: number): number {
  return Math.ceil(at / (5 * MINUTE)) * 5 * MINUTE;
}

/** How far away a day is: the word for it depends on that. */
export function dayOf(at: number, now: number): "past" | "today" | "tomorrow" | "week" | "later" {
  const days = Math.round((dayAt(at, 0, 0) - dayAt(now, 0, 0)) / (24 * HOUR));
  if (at < now && days <= 0) {
    return "past";
  }
  if (days <= 1) {
    return days === 1 ? "tomorrow" : "today";
  }
  return days < 7 ? "week" : "later";
}
