import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { I18nProvider } from "react-aria-components";

import { ComposeProvider } from "../features/compose";
import { Translations } from "../i18n/Translations";
import { createQueryClient } from "../ipc/client";
import { DoorProvider } from "../ipc/context";
import type { Door } from "../ipc/door";
import type { Host } from "../ipc/host";
import { HostProvider } from "../ipc/hostContext";
import { CommandProvider } from "../shared/commands/CommandProvider";
import { NoticeProvider } from "../shared/notices/NoticeProvider";
import { useSettings } from "../shared/settings/useSettings";
import { Breakdown } from "./Breakdown";
import { Frame } from "./Frame";
import { rememberedLook, useLook } from "./look";

/** The whole window: the way to the core and what surrounds the page, the reader's words and look, the open screen. */
export function App({ door, host }: { door: Door; host: Host }) {
  const [client] = useState(createQueryClient);
  return (
    <DoorProvider door={door}>
      <HostProvider host={host}>
        <QueryClientProvider client={client}>
          <Looks>
            <Breakdown host={host}>
              <CommandProvider>
                <NoticeProvider>
                  <ComposeProvider>
                    <Frame />
                  </ComposeProvider>
                </NoticeProvider>
              </CommandProvider>
            </Breakdown>
          </Looks>
        </QueryClientProvider>
      </HostProvider>
    </DoorProvider>
  );
}

/** Language, theme and density after the settings; those of the last time until the core has told them. */
function Looks({ children }: { children: ReactNode }) {
  const { settings, isKnown } = useSettings();
  const [last] = useState(rememberedLook);
  const locale = useLook(isKnown ? settings : (last ?? settings), isKnown);
  return (
    <Translations locale={locale}>
      <I18nProvider locale={locale}>{children}</I18nProvider>
    </Translations>
  );
}
