import { useIntl } from "react-intl";

import { useNotices } from "../../shared/notices/NoticeProvider";
import { useSettings } from "../../shared/settings/useSettings";
import { useComposing } from "./ComposeProvider";
import { whenText } from "./outbox";

/** Tells that a message is on its way, and offers to take it back as long as that can be done. */
export function useSentNotice(): (entry: number, at: number | undefined) => void {
  const intl = useIntl();
  const notices = useNotices();
  const { open } = useComposing();
  const { undo_send_s: pause } = useSettings().settings;

  return (entry, at) => {
    const action = {
      label: intl.formatMessage({ id: "compose.sent.undo" }),
      isUndo: true,
      run: () => open({ kind: "outbox", id: entry }),
    };
    if (at !== undefined) {
      const when = whenText(intl, at, Date.now());
      const text = intl.formatMessage({ id: "compose.sent.later" }, { when });
      notices.show({ tone: "plain", text, action });
    } else if (pause > 0) {
      const text = intl.formatMessage({ id: "compose.sent.pause" }, { seconds: pause });
      notices.show({ tone: "plain", text, action, actionMs: pause * 1000 });
    } else {
      notices.show({ tone: "plain", text: intl.formatMessage({ id: "compose.sent.now" }) });
    }
  };
}
