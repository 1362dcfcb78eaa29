import type { IntlShape } from "react-intl";

import { MESSAGES } from "../../i18n/messages";
import type { MessageKey } from "../../i18n/messages";

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** The words for a code of the core; one that this version does not know is shown as it is, readable. */
export function term(intl: IntlShape, kind: TermKind, code: string): string {
  const key = `setup.${kind}.${code}`;
  return isKey(key) ? intl.formatMessage({ id: key }) : code.replaceAll(/[_-]/g, " ");
}

/** Sources whose name has the domain in it. */
const OF_DOMAIN = ["mx", "autoconfig", "well_known", "srv", "plain_autoconfig", "guess"] as const;

/** Who was asked, for the reader. */
export function sourceName(intl: IntlShape, source: string, domain: string): string {
  const known = OF_DOMAIN.find((name) => name === source);
  return known === undefined
    ? term(intl, "source", source)
    : intl.formatMessage({ id: `setup.source.${known}` }, { domain });
}

export type TermKind = "source" | "outcome" | "from" | "unavailable" | "note" | "role" | "period";
