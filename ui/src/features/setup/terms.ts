import type { IntlShape } from "react-intl";

import { MESSAGES } from "../../i18n/messages";
import type { MessageKey } from "../../i18n/messages";

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** The words for a code of the core; one that this version does not know is shown as it is, readable. */
export function term(intl: IntlShape, kind: TermKind, code: string): string {
  const key = `setup.${kind}.${code}`;
  return isKey(key) ? intl.formatMessage({ id: key }) : code.replaceAll(/[_-]/g, " ");
}

export type TermKind = "source" | "outcome" | "from" | "unavailable" | "note" | "role" | "period";
