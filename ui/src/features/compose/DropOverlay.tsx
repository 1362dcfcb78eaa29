import { Paperclip } from "lucide-react";
import { FormattedMessage } from "react-intl";

import styles from "./DropOverlay.module.css";

/** What lies over the pane while files are held there. */
export function DropOverlay({ takesPictures }: { takesPictures: boolean }) {
  return (
    <div className={styles.overlay} aria-hidden="true">
      <Paperclip size={28} aria-hidden />
      <p>
        <FormattedMessage id="compose.files.drop" />
      </p>
      {takesPictures && (
        <p className={styles.note}>
          <FormattedMessage id="compose.files.dropPictures" />
        </p>
      )}
    </div>
  );
}
