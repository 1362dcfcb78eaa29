import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { shortDate, size } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { roughly, share } from "./progress";
import type { Load } from "./progress";
import styles from "./SyncProgress.module.css";
import type { AccountFolders } from "./useFolders";
import { useLoads } from "./useLoads";

interface SyncProgressProps {
  accounts: readonly AccountView[];
  foldersOf: (address: string) => AccountFolders;
}

/** What is being loaded, how much of it is here and how long it takes; when nothing is, when a server last answered. */
export function SyncProgress({ accounts, foldersOf }: SyncProgressProps) {
  const intl = useIntl();
  const now = useNow();
  const loads = [...useLoads().values()];
  const heard = accounts.map(({ received_at }) => received_at).filter((at) => at !== null);
  if (loads.length > 0) {
    return loads.map((load) => {
      const line = foldersOf(load.address).lines.find(({ folder }) => folder.path === load.folder);
      const name = line?.name ?? { text: load.folder };
      return (
        <Running
          key={load.address}
          load={load}
          folder={"id" in name ? intl.formatMessage(name) : name.text}
          named={accounts.length > 1}
        />
      );
    });
  }
  if (heard.length === 0) {
    return null;
  }
  return (
    <p className={styles.words}>
      <FormattedMessage id="mail.sync.heard" values={{ when: shortDate(intl, Math.max(...heard), now) }} />
    </p>
  );
}

function Running({ load, folder, named }: { load: Load; folder: string; named: boolean }) {
  const intl = useIntl();
  const done = share(load);
  const title = intl.formatMessage(
    { id: named ? "mail.sync.loadingOf" : "mail.sync.loading" },
    { address: load.address, folder },
  );
  const left = load.left === null ? null : roughly(load.left);
  return (
    <div className={styles.load}>
      <div className={styles.head}>
        <span className={styles.title} title={title}>
          {title}
        </span>
        <span>{intl.formatNumber(done, { style: "percent" })}</span>
      </div>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(done * 100)}
        className={styles.bar}
      >
        <span style={{ inlineSize: `${done * 100}%` }} />
      </div>
      <p className={styles.words}>
        <FormattedMessage
          id="mail.sync.counts"
          values={{
            messages: load.messages,
            total: load.messagesTotal,
            bytes: size(intl, load.bytes),
          }}
        />
        {left !== null && (
          <>
            {" · "}
            <FormattedMessage id="mail.sync.left" values={left} />
          </>
        )}
      </p>
    </div>
  );
}
