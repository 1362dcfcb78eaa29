const HOUR = 3_600_000;

/** The messages of one of the reader's days. */
export interface ArrivalDay {
  /** When the day begins, or the picture. */
  at: number;
  messages: number;
}

/** Hours put together by the reader's own days, oldest first. */
export function arrivalDays(hours: readonly number[], since: number): ArrivalDay[] {
  const days: ArrivalDay[] = [];
  let last = "";
  for (const [index, messages] of hours.entries()) {
    const at = since + index * HOUR;
    const day = new Date(at).toDateString();
    const known = days.at(-1);
    if (day === last && known !== undefined) {
      known.messages += messages;
    } else {
      days.push({ at, messages });
      last = day;
    }
  }
  return days;
}

/** As many messages in an hour fill the picture at least: one is not many. */
const FULL = 4;

/** The height of each bar as a part of the picture's; a single message can be seen beside hundreds. */
export function barHeights(hours: readonly number[]): number[] {
  const most = Math.max(FULL, ...hours);
  return hours.map((messages) => (messages === 0 ? 0 : Math.max(0.08, messages / most)));
}

/** Where a day begins within the picture, as a part of its width. */
export function dayPlace({ at }: ArrivalDay, since: number, hours: number): number {
  return hours === 0 ? 0 : (at - since) / HOUR / hours;
}
