import { useEffect } from "react";
import { useIntl } from "react-intl";

import { useCommandQuery } from "../../ipc/query";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { useGo } from "../../shared/place";

/** How long it is said: nobody expects it, and there is a page to read. */
const STAYS = 60_000;

/** Says at a start that a backup took the place of the database, until the person has seen it in the settings. */
export function useRestored(): void {
  const intl = useIntl();
  const go = useGo();
  const notices = useNotices();
  const restored = useCommandQuery("status_get", {}).data?.store_restored ?? null;
  const since = restored?.params["backup_at"];
  useEffect(() => {
    if (restored !== null) {
      notices.show({
        tone: "bad",
        ms: STAYS,
        text: `${errorText(intl, restored).title}.`,
        action: {
          label: intl.formatMessage({ id: "desk.restored.more" }),
          run: () => go({ kind: "settings", page: "storage" }),
        },
      });
    }
    // Once for what happened once: the status is asked again and again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [since]);
}
