import { useMemo, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import { size } from "../../shared/quantity";
import { bytesOf } from "./attachment";
import styles from "./SourceSheet.module.css";

/** Characters of the source that are drawn; the whole of it can be saved. */
const DRAWN = 200_000;

interface SourceSheetProps {
  id: number;
  message: MessageView;
  onClose: () => void;
}

/** The header fields of a message, decoded, and the message as it was sent. */
export function SourceSheet({ id, message, onClose }: SourceSheetProps) {
  const intl = useIntl();
  const [isSource, setSource] = useState(false);
  return (
    <Sheet title={intl.formatMessage({ id: "mail.source.title" })} onClose={onClose}>
      <div className={styles.choice}>
        <Button aria-pressed={!isSource} look={isSource ? "quiet" : "plain"} onClick={() => setSource(false)}>
          <FormattedMessage id="mail.allHeaders" />
        </Button>
        <Button aria-pressed={isSource} look={isSource ? "plain" : "quiet"} onClick={() => setSource(true)}>
          <FormattedMessage id="mail.source.raw" />
        </Button>
      </div>
      {isSource ? (
        <Source id={id} />
      ) : (
        <div
          className={styles.headers}
          role="region"
          // It scrolls, so the keyboard has to reach it.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          aria-label={intl.formatMessage({ id: "mail.allHeaders" })}
        >
          <dl>
            {message.headers.map(([name, value], index) => (
              // A field may stand in a message more than once, and their order is fixed.
              // oxlint-disable-next-line react/no-array-index-key
              <div key={`${index} ${name}`}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </Sheet>
  );
}

function Source({ id }: { id: number }) {
  const intl = useIntl();
  const reply = useCommandQuery("message_export", { id });
  const base64 = reply.data?.base64 ?? null;
  const bytes = useMemo(() => (base64 === null ? null : bytesOf(base64)), [base64]);
  const text = useMemo(
    () => (bytes === null ? "" : new TextDecoder("utf-8").decode(bytes.subarray(0, DRAWN))),
    [bytes],
  );
  if (reply.error !== null) {
    return <ErrorNotice error={wireOf(reply.error)} />;
  }
  if (bytes === null) {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  return (
    <>
      <pre
        className={styles.source}
        // It scrolls, so the keyboard has to reach it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        {text}
      </pre>
      {bytes.length > DRAWN && (
        <p className={styles.note}>
          <FormattedMessage id="mail.source.cut" values={{ size: size(intl, bytes.length) }} />
        </p>
      )}
    </>
  );
}
