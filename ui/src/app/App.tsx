import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { I18nProvider } from "react-aria-components";

import type { Locale } from "../i18n/locale";
import { Translations } from "../i18n/Translations";
import { createQueryClient } from "../ipc/client";
import { DoorProvider } from "../ipc/context";
import type { Door } from "../ipc/door";
import { Frame } from "./Frame";

/** The whole window: the way to the core and the words in the reader's language around the screen that is open. */
export function App({ locale, door }: { locale: Locale; door: Door }) {
  const [client] = useState(createQueryClient);
  return (
    <DoorProvider door={door}>
      <QueryClientProvider client={client}>
        <Translations locale={locale}>
          <I18nProvider locale={locale}>
            <Frame />
          </I18nProvider>
        </Translations>
      </QueryClientProvider>
    </DoorProvider>
  );
}
