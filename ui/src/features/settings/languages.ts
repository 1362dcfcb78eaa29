/** Each language in its own words, so that it is found by who reads no other. */
export const LANGUAGES = [
  ["en", "English"],
  ["pl", "Polski"],
  ["ru", "Русский"],
] as const;
