import type { IntlShape } from "react-intl";

import { dateForm, mediumDate, shortDate } from "../quantity";

/** When something happened: the time alone when it was today. */
export function moment(intl: IntlShape, at: number, now: number): string {
  return dateForm(at, now) === "time" ? shortDate(intl, at, now) : mediumDate(intl, at, now);
}
