import { MoonStar } from "lucide-react";
import { FormattedMessage, useIntl } from "react-intl";

import type { SilenceView } from "../../ipc/contract";
import { ErrorNotice } from "../errors/ErrorNotice";
import { useNow } from "../useNow";
import { moment } from "./moment";
import styles from "./Silence.module.css";

/** A quiet sign of a silence that nobody could look into. */
export function SilenceMark() {
  const words = useIntl().formatMessage({ id: "status.silent.mark" });
  return (
    <span className={styles.mark} role="img" aria-label={words} title={words}>
      <MoonStar size={14} aria-hidden />
    </span>
  );
}

/** A silence that is unusually long, and what looking into it showed. */
export function Silence({ silence }: { silence: SilenceView }) {
  const intl = useIntl();
  const now = useNow();
  const { since, usual_minutes: minutes, proved_at: provedAt, error } = silence;
  return (
    <div className={styles.silence}>
      <MoonStar size={18} aria-hidden />
      <div>
        <p className={styles.title}>
          <FormattedMessage id={provedAt !== null && error === null ? "status.quiet" : "status.silent"} />
        </p>
        <p>
          <FormattedMessage id="status.silent.since" values={{ when: moment(intl, since, now), minutes }} />{" "}
          {provedAt !== null && error === null && (
            <FormattedMessage id="status.quiet.proved" values={{ when: moment(intl, provedAt, now) }} />
          )}
          {error !== null && <FormattedMessage id="status.silent.unproved" />}
        </p>
        {error !== null && <ErrorNotice error={error} />}
      </div>
    </div>
  );
}
