import { useState } from "react";
import { useIntl } from "react-intl";

import { MailView } from "../features/mail/MailView";
import { SetupWizard } from "../features/setup/SetupWizard";
import { wireOf } from "../ipc/door";
import { useCommandQuery, useEventInvalidation } from "../ipc/query";
import { Loading } from "../shared/Blank";
import { Button } from "../shared/Button";
import { ErrorNotice } from "../shared/errors/ErrorNotice";
import styles from "./Frame.module.css";
import { nextPlace, screenOf } from "./place";
import type { Place } from "./place";

/** What the window shows: the wizard while no mailbox is connected or another one is being connected, else the mail. */
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

  switch (screenOf(current, known !== undefined, accounts.error !== null)) {
    case "loading":
      return (
        <main className={styles.whole}>
          <Loading label={intl.formatMessage({ id: "app.loading" })} />
        </main>
      );
    case "trouble":
      return (
        <main className={styles.whole}>
          <ErrorNotice error={wireOf(accounts.error)}>
            <Button onClick={() => void accounts.refetch()}>{intl.formatMessage({ id: "app.again" })}</Button>
          </ErrorNotice>
        </main>
      );
    case "setup":
      return (
        <SetupWizard
          onDone={(address) => setPlace({ kind: "mail", address })}
          onCancel={
            known === undefined || known.length === 0
              ? undefined
              : () => setPlace({ kind: "mail", address: null })
          }
        />
      );
    case "mail":
      return (
        <MailView
          accounts={known ?? []}
          startAt={current.kind === "mail" ? current.address : null}
          onAddAccount={() => setPlace({ kind: "setup" })}
        />
      );
  }
}
