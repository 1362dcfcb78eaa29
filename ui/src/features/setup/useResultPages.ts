import { useEffect } from "react";
import { useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";

/** Gives the core the words of the page that the browser shows at the end of a sign-in, in the reader's language. */
export function useResultPages(): void {
  const intl = useIntl();
  const door = useDoor();
  useEffect(() => {
    const words = {
      language: intl.locale,
      done_title: intl.formatMessage({ id: "setup.pages.doneTitle" }),
      done_text: intl.formatMessage({ id: "setup.pages.doneText" }),
      failed_title: intl.formatMessage({ id: "setup.pages.failedTitle" }),
      failed_text: intl.formatMessage({ id: "setup.pages.failedText" }),
    };
    // Without them the page shows signs.
    door.call("pages_set", words).catch(() => undefined);
  }, [intl, door]);
}
