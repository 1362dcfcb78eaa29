import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { size } from "../../shared/quantity";
import styles from "./Message.module.css";

interface PartialProps {
  id: number;
  /** Bytes of the whole message. */
  bytes: number;
  /** True where not even the text is here. */
  isHeaderOnly: boolean;
}

/** Says that not all of a message is here, and fetches the rest. */
export function Partial({ id, bytes, isHeaderOnly }: PartialProps) {
  const intl = useIntl();
  const door = useDoor();
  const download = useCommandMutation("message_download");
  const cancel = useCommandMutation("download_cancel");
  const [share, setShare] = useState(0);
  useEffect(
    () =>
      door.listen((event) => {
        if (event.event === "download_progressed" && event.id === id && event.part === null) {
          setShare(Math.min(event.bytes / Math.max(event.bytes_total, 1), 1));
        }
      }),
    [door, id],
  );
  const failure = download.error === null ? null : wireOf(download.error);
  return (
    <>
      <div className={styles.notice}>
        <p>
          <FormattedMessage
            id={isHeaderOnly ? "mail.headerOnly" : "mail.partial"}
            values={{ size: size(intl, bytes) }}
          />
        </p>
        {download.isPending ? (
          <span className={styles.choices}>
            <output>
              <FormattedMessage
                id="mail.partial.downloading"
                values={{ share: intl.formatNumber(share, { style: "percent" }) }}
              />
            </output>
            <Button look="quiet" onClick={() => cancel.mutate({ id })}>
              <FormattedMessage id="mail.partial.cancel" />
            </Button>
          </span>
        ) : (
          <Button look="quiet" onClick={() => download.mutate({ id })}>
            <FormattedMessage id="mail.partial.download" />
          </Button>
        )}
      </div>
      {failure !== null && failure.code !== "cancelled" && <ErrorNotice error={failure} />}
    </>
  );
}
