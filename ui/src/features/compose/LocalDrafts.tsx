import { FormattedMessage, useIntl } from "react-intl";

import { useCommandQuery } from "../../ipc/query";
import { shortDate } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { useComposing } from "./ComposeProvider";
import styles from "./LocalDrafts.module.css";

/**
 * The drafts of an account (of all when `null`) that are not in its drafts folder yet, above that folder's list.
 * Nothing when there are none.
 */
export function LocalDrafts({ account }: { account: string | null }) {
  const intl = useIntl();
  const now = useNow();
  const { open, draft } = useComposing();
  const drafts = useCommandQuery("draft_list", {});
  const rows = (drafts.data ?? []).filter(
    (row) => row.message === null && row.id !== draft && (account === null || row.account === account),
  );
  if (rows.length === 0) {
    return null;
  }
  return (
    <section className={styles.local} aria-label={intl.formatMessage({ id: "compose.drafts.local" })}>
      <h3 className={styles.title}>
        <FormattedMessage id="compose.drafts.local" />
      </h3>
      <ul>
        {rows.map(({ id, to, subject, saved_at }) => (
          <li key={id}>
            <button type="button" className={styles.row} onClick={() => open({ kind: "draft", id })}>
              <span className={styles.subject}>
                {subject === "" ? <FormattedMessage id="mail.noSubject" /> : subject}
              </span>
              <span className={styles.when}>{shortDate(intl, saved_at, now)}</span>
              <span className={styles.who}>{to.join(", ")}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
