import { ExternalLink as Icon } from "lucide-react";
import { FormattedMessage } from "react-intl";

import type { MessageKey } from "../i18n/messages";
import { useDoor } from "../ipc/context";
import styles from "./ExternalLink.module.css";

/** A page of somebody else's: opens in the reader's browser, never in this window. */
export function ExternalLink({ url, id }: { url: string; id: MessageKey }) {
  const door = useDoor();
  return (
    <a
      href={url}
      className={styles.link}
      title={url}
      onClick={(event) => {
        event.preventDefault();
        void door.openExternal(url).catch(() => undefined);
      }}
    >
      <FormattedMessage id={id} />
      <Icon aria-hidden className={styles.icon} />
    </a>
  );
}
