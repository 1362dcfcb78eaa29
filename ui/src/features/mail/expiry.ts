import type { IntlShape } from "react-intl";

import { MESSAGES } from "../../i18n/messages";
import type { MessageKey } from "../../i18n/messages";
import type { ExpiryView } from "../../ipc/contract";

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** The ends that are near and concern the account, or nobody in particular. */
export function nearOf(expiries: readonly ExpiryView[], address: string): ExpiryView[] {
  const concerns = ({ accounts }: ExpiryView) => accounts.length === 0 || accounts.includes(address);
  return expiries.filter((expiry) => expiry.is_near && concerns(expiry));
}

/** What ends, whose it is, and when. */
export function expiryTitle(intl: IntlShape, { what, subject, at, days_left: days }: ExpiryView): string {
  const key = `expiry.what.${what}`;
  const name = isKey(key) ? intl.formatMessage({ id: key }, { subject }) : subject;
  const date = intl.formatDate(at, { day: "numeric", month: "long", year: "numeric" });
  return days <= 0
    ? intl.formatMessage({ id: "expiry.over" }, { name, date })
    : intl.formatMessage({ id: "expiry.in" }, { name, date, days });
}

/** Who can do what about it. */
export function helpOf(intl: IntlShape, { what }: Pick<ExpiryView, "what">): string {
  const key = `expiry.help.${what}`;
  return isKey(key) ? intl.formatMessage({ id: key }) : "";
}
