import { Welcome } from "../features/welcome/Welcome";
import type { Locale } from "../i18n/locale";
import { Translations } from "../i18n/Translations";

/** The whole window: the words in the reader's language around the screen that is open. */
export function App({ locale }: { locale: Locale }) {
  return (
    <Translations locale={locale}>
      <Welcome />
    </Translations>
  );
}
