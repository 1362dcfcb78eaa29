import { ExternalLink as Icon } from "lucide-react";
import { FormattedMessage } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import styles from "./ExternalLink.module.css";
import parts from "./parts.module.css";

/** A page of somebody else's: opens in the reader's browser, never in this window. */
export function ExternalLink({ url, id }: { url: string; id: MessageKey }) {
  const door = useDoor();
  return (
    <a
      href={url}
      className={parts.link}
      title={url}
      onClick={(event) => {
        event.preventDefault();
        void door.openExternal(url).catch(() => undefined);
      }}
    >
      <FormattedMessage id={id} />
      <Icon aria-hidden className={styles.linkIcon} />
    </a>
  );
}

/** The provider's own page about an error, where the core knows one. */
export function PageOf({ error }: { error: WireError }) {
  const { url } = error.params;
  return typeof url === "string" && url.startsWith("https://") ? (
    <ExternalLink url={url} id="setup.note.open" />
  ) : null;
}
