import type { ReactNode } from "react";
import { IntlProvider } from "react-intl";

import type { Locale } from "./locale";
import { MESSAGES } from "./messages";
import type { MessageKey } from "./messages";

declare global {
  namespace FormatjsIntl {
    // Makes a key that no locale file has a type error.
    interface Message {
      ids: MessageKey;
    }
  }
}

/** Gives the screens inside it their words in `locale`. */
export function Translations({ locale, children }: { locale: Locale; children: ReactNode }) {
  return (
    <IntlProvider locale={locale} messages={MESSAGES[locale]}>
      {children}
    </IntlProvider>
  );
}
