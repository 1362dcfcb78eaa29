import { CalendarClock } from "lucide-react";
import { FormattedMessage, useIntl } from "react-intl";

import type { ExpiryView } from "../../ipc/contract";
import { ExternalLink } from "../../shared/ExternalLink";
import { expiryTitle, helpOf, nearOf } from "./expiry";
import styles from "./ExpirySection.module.css";

/** What of an account stops working on a day that is known, and who can do something about it; nothing while all is far. */
export function ExpirySection({ expiries, address }: { expiries: readonly ExpiryView[]; address: string }) {
  const intl = useIntl();
  const near = nearOf(expiries, address);
  if (near.length === 0) {
    return null;
  }
  return (
    <section className={styles.section} aria-labelledby="expiries">
      <h3 id="expiries">
        <FormattedMessage id="expiry.title" />
      </h3>
      <ul className={styles.list}>
        {near.map((expiry) => (
          <li key={expiry.key} className={styles.entry} data-over={expiry.days_left <= 0}>
            <CalendarClock size={16} aria-hidden />
            <div>
              <p className={styles.what}>{expiryTitle(intl, expiry)}</p>
              <p className={styles.help}>{helpOf(intl, expiry)}</p>
              {expiry.url !== null && <ExternalLink url={expiry.url} id="setup.note.open" />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
