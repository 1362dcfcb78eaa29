import { useIntl } from "react-intl";

import { Loading } from "../../shared/Blank";
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
  return (
    <section className={styles.pane} aria-label={intl.formatMessage({ id: "compose.title" })}>
      {composing.phase === "opening" && <Loading label={intl.formatMessage({ id: "app.loading" })} />}
      {composing.phase === "failed" && (
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
