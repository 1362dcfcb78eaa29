import type { Locale } from "../i18n/locale";
import { Translations } from "../i18n/Translations";
import { ErrorNotice } from "../shared/errors/ErrorNotice";
import styles from "./Frame.module.css";

/** What a browser shows that came without a link, or with one that was used. */
export function NoDoor({ locale }: { locale: Locale }) {
  return (
    <Translations locale={locale}>
      <main className={styles.whole}>
        <ErrorNotice
          error={{ code: "door_refused", fixer: "you", params: { reason: "session" }, detail: "" }}
        />
      </main>
    </Translations>
  );
}
