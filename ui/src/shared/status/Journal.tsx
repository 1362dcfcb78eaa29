import { useId, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../Blank";
import { Button } from "../Button";
import { CopyButton } from "../CopyButton";
import { ErrorNotice } from "../errors/ErrorNotice";
import { useNow } from "../useNow";
import { journalLine, journalText } from "./journal";
import { moment } from "./moment";
import styles from "./Journal.module.css";

/** What happened between an account and its servers, folded away until somebody wants it. */
export function Journal({ address }: { address: string }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <div>
      <Button aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        <FormattedMessage id={isOpen ? "journal.hide" : "journal.show"} />
      </Button>
      <div id={id}>{isOpen && <Entries address={address} />}</div>
    </div>
  );
}

function Entries({ address }: { address: string }) {
  const intl = useIntl();
  const now = useNow();
  const reply = useCommandQuery("journal_get", { address });
  if (reply.error !== null) {
    return <ErrorNotice error={wireOf(reply.error)} />;
  }
  if (reply.isPending) {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  const entries = reply.data[0]?.entries ?? [];
  return (
    <>
      <p className={styles.about}>
        <FormattedMessage id="journal.about" />
      </p>
      {entries.length === 0 ? (
        <p>
          <FormattedMessage id="journal.empty" />
        </p>
      ) : (
        <>
          <div
            className={styles.entries}
            role="region"
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
            tabIndex={0}
            aria-label={intl.formatMessage({ id: "journal.title" })}
          >
            <ol>
              {entries.map((entry) => (
                <li key={entry.id} data-failed={entry.error !== null}>
                  <time dateTime={new Date(entry.ended_at).toISOString()}>
                    {moment(intl, entry.ended_at, now)}
                  </time>
                  <span>{journalLine(intl, entry)}</span>
                </li>
              ))}
            </ol>
          </div>
          <CopyButton text={journalText(intl, address, entries)}>
            <FormattedMessage id="journal.copy" />
          </CopyButton>
        </>
      )}
    </>
  );
}
