import { CircleX, CloudUpload } from "lucide-react";
import { useState } from "react";
import { FormattedMessage } from "react-intl";

import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { sortedOperations } from "../../shared/operations";
import styles from "./WaitingBar.module.css";
import { WaitingSheet } from "./WaitingSheet";

/** How many changes wait to reach the server, and how many it refused; opens them. Nothing while there are none. */
export function WaitingBar() {
  const [isOpen, setOpen] = useState(false);
  const operations = useCommandQuery("operation_list", {});
  if (operations.error !== null) {
    return <ErrorNotice error={wireOf(operations.error)} />;
  }
  const { waiting, refused } = sortedOperations(operations.data ?? []);
  return (
    <>
      {waiting.length + refused.length > 0 && (
        <button
          type="button"
          className={styles.bar}
          data-tone={refused.length > 0 ? "bad" : "warn"}
          onClick={() => setOpen(true)}
        >
          {refused.length > 0 && (
            <span>
              <CircleX size={16} aria-hidden />
              <FormattedMessage id="mail.refused.count" values={{ count: refused.length }} />
            </span>
          )}
          {refused.length > 0 && waiting.length > 0 && " "}
          {waiting.length > 0 && (
            <span>
              <CloudUpload size={16} aria-hidden />
              <FormattedMessage id="mail.waiting.count" values={{ count: waiting.length }} />
            </span>
          )}
        </button>
      )}
      {isOpen && <WaitingSheet waiting={waiting} refused={refused} onClose={() => setOpen(false)} />}
    </>
  );
}
