import en from "./locales/en.json";
import pl from "./locales/pl.json";
import ru from "./locales/ru.json";
import type { Locale } from "./locale";

/** The key of a text. English has every key; a test holds the other languages to the same set. */
export type MessageKey = keyof typeof en;

/** Every text in every language, in ICU MessageFormat. */
export const MESSAGES: Record<Locale, Record<MessageKey, string>> = { en, pl, ru };
