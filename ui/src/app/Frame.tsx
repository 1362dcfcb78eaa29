import { Activity, lazy, Suspense, useCallback, useState } from "react";
import { useIntl } from "react-intl";

import { Desk } from "../features/desk/Desk";
import { MailView } from "../features/mail/MailView";
import { useResultPages } from "../features/setup/useResultPages";
import type { AccountView } from "../ipc/contract";
import { wireOf } from "../ipc/door";
import { useCommandQuery, useEventInvalidation } from "../ipc/query";
import { Loading } from "../shared/Blank";
import { Button } from "../shared/Button";
import { ErrorNotice } from "../shared/errors/ErrorNotice";
import { GoProvider } from "../shared/place";
import styles from "./Frame.module.css";
import { useSettingsCommands } from "../features/settings/commands";
import { destination, nextPlace, screenOf } from "./place";
import type { Destination, Place, Screen, Wizard } from "./place";
import { useZoom } from "./zoom";

// What most starts do not need is loaded when it is opened.
const SettingsScreen = lazy(async () => ({
  default: (await import("../features/settings/SettingsScreen")).SettingsScreen,
}));
const SetupWizard = lazy(async () => ({
  default: (await import("../features/setup/SetupWizard")).SetupWizard,
}));

const NONE: readonly AccountView[] = [];

/**
 * What the window shows: the wizard while no mailbox is connected or another one is being connected, the settings,
 * else the mail. The mail stays as it was left while another screen is open; its effects rest meanwhile.
 */
export function Frame() {
  const intl = useIntl();
  useEventInvalidation();
  const accounts = useCommandQuery("account_list", {});
  const [place, setPlace] = useState<Place>({ kind: "start" });
  const known = accounts.data;
  // The first list decides; later ones do not take the wizard away from the person in it.
  const current = known === undefined ? place : nextPlace(place, known.length);
  if (current !== place) {
    setPlace(current);
  }
  const screen = screenOf(current, known !== undefined, accounts.error !== null);
  const startAt = useMailStart(current, screen);
  const wizard = useOpenWizard(current);
  const go = useCallback((to: Destination) => setPlace((from) => destination(from, to, wizard)), [wizard]);

  useSettingsCommands(go);
  useZoom();
  useResultPages();

  const opening = (
    <main className={styles.whole}>
      <Loading label={intl.formatMessage({ id: "app.loading" })} />
    </main>
  );
  return (
    <GoProvider go={go}>
      <Desk accounts={known ?? (accounts.error === null ? null : NONE)}>
        {screen === "loading" && opening}
        {screen === "trouble" && (
          <main className={styles.whole}>
            <ErrorNotice error={wireOf(accounts.error)}>
              <Button onClick={() => void accounts.refetch()}>
                {intl.formatMessage({ id: "app.again" })}
              </Button>
            </ErrorNotice>
          </main>
        )}
        {wizard !== null && (
          <Activity mode={screen === "setup" ? "visible" : "hidden"}>
            <Suspense fallback={opening}>
              <SetupWizard
                key={wizard.resume ?? ""}
                accounts={known ?? []}
                resume={known?.find(({ address }) => address === wizard.resume) ?? null}
                onDone={(address) => setPlace({ kind: "mail", address })}
                onCancel={
                  known === undefined || known.length === 0
                    ? undefined
                    : () => setPlace({ kind: "mail", address: null })
                }
              />
            </Suspense>
          </Activity>
        )}
        {current.kind === "settings" && (
          <Suspense fallback={opening}>
            <SettingsScreen
              page={current.page}
              address={current.address ?? null}
              folder={current.folder ?? null}
              section={current.section ?? null}
              accounts={known ?? []}
            />
          </Suspense>
        )}
        {startAt !== null && known !== undefined && (
          <Activity mode={screen === "mail" ? "visible" : "hidden"}>
            <MailView
              key={startAt.visit}
              accounts={known}
              startAt={startAt.address}
              onAddAccount={() => setPlace({ kind: "setup" })}
            />
          </Activity>
        )}
      </Desk>
    </GoProvider>
  );
}

/** The wizard that is open, if only behind the settings: what was typed into it stays. */
function useOpenWizard(place: Place): Wizard | null {
  const [wizard, setWizard] = useState<Wizard | null>(null);
  const next = place.kind === "setup" ? place : place.kind === "mail" ? null : wizard;
  if (next !== wizard && (next === null || wizard === null || next.resume !== wizard.resume)) {
    setWizard(next);
  }
  return next;
}

/** Where the mail began, and how often it was begun anew; `null` before it is shown for the first time. */
function useMailStart(place: Place, screen: Screen): { address: string | null; visit: number } | null {
  const [start, setStart] = useState<{ address: string | null; visit: number } | null>(null);
  const address = place.kind === "mail" ? place.address : null;
  if (screen === "mail" && (start === null || (address !== null && address !== start.address))) {
    setStart({ address, visit: (start?.visit ?? 0) + 1 });
  }
  return start;
}
