/** The languages that Mailroom speaks, as BCP 47 tags. English comes first: it is the fall-back. */
export const LOCALES = ["en", "pl", "ru"] as const;

export type Locale = (typeof LOCALES)[number];

/**
 * The first of the reader's languages that Mailroom speaks, else English.
 *
 * `wanted` is in order of preference, such as `navigator.languages`. A region or script is looked past
 * ("ru-KZ" is "ru"), and a tag that is no BCP 47 tag (such as "C") is skipped.
 */
export function chooseLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.split(/[-_]/, 1)[0]?.toLowerCase();
    const spoken = LOCALES.find((locale) => locale === language);
    if (spoken !== undefined) {
      return spoken;
    }
  }
  return LOCALES[0];
}
