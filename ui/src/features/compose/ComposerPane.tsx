import { Send } from "lucide-react";
import { FormattedMessage, useIntl } from "react-intl";

import type { DraftOpen, WireError } from "../../ipc/contract";
import { Blank, Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Composer } from "./Composer";
import { useComposing } from "./ComposeProvider";
import styles from "./Composer.module.css";

/** The composer, in the place where a message is read. Nothing while none is open. */
export function ComposerPane() {
  const intl = useIntl();
  const { composing, open, close } = useComposing();
  if (composing.phase === "closed") {
    return null;
  }
  const onItsWay = composing.phase === "failed" ? entryOnItsWay(composing.from, composing.error) : null;
  return (
    <section className={styles.pane} aria-label={intl.formatMessage({ id: "compose.title" })}>
      {composing.phase === "opening" && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
      {onItsWay !== null && (
        <Blank icon={<Send size={28} aria-hidden />} title={intl.formatMessage({ id: "compose.onItsWay" })}>
          <p>
            <FormattedMessage id="compose.onItsWay.help" />
          </p>
          <Button look="primary" onClick={() => open({ kind: "outbox", id: onItsWay })}>
            <FormattedMessage id="compose.onItsWay.undo" />
          </Button>
          <Button onClick={close}>
            <FormattedMessage id="app.close" />
          </Button>
        </Blank>
      )}
      {composing.phase === "failed" && onItsWay === null && (
        <div className={styles.trouble}>
          <ErrorNotice error={composing.error}>
            <Button onClick={() => open(composing.from)}>{intl.formatMessage({ id: "app.again" })}</Button>
            <Button onClick={close}>{intl.formatMessage({ id: "app.close" })}</Button>
          </ErrorNotice>
        </div>
      )}
      {composing.phase === "open" && <Composer key={composing.session.id} session={composing.session} />}
    </section>
  );
}

/** The entry of the outbox in which a draft that was to be opened waits; nothing once it could not be taken back. */
function entryOnItsWay(from: DraftOpen, { code, params }: WireError): number | null {
  const id = params["id"];
  return code === "send_under_way" && from.kind !== "outbox" && typeof id === "number" ? id : null;
}
