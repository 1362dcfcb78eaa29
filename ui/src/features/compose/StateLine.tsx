import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { errorText } from "../../shared/errors/text";
import styles from "./Composer.module.css";
import { hasUnsaved } from "./saving";
import type { SavingState } from "./saving";

interface StateLineProps {
  saving: SavingState;
  isTouched: boolean;
  onRetry: () => void;
}

/** Where what is typed is safe. */
export function StateLine({ saving, isTouched, onRetry }: StateLineProps) {
  const intl = useIntl();
  if (saving.error !== null && hasUnsaved(saving)) {
    return (
      <p className={styles.state} role="alert" data-bad>
        <b>
          <FormattedMessage id="compose.state.failed" />
        </b>
        <span>{errorText(intl, saving.error).title}</span>
        <Button look="quiet" onClick={onRetry}>
          <FormattedMessage id="app.again" />
        </Button>
      </p>
    );
  }
  const isNew = !isTouched && saving.uploadedAt === null;
  return (
    <p className={styles.state}>
      {!isNew && (
        <span>
          <FormattedMessage id={hasUnsaved(saving) ? "compose.state.saving" : "compose.state.here"} />
        </span>
      )}
      {!hasUnsaved(saving) && <DraftsPart saving={saving} />}
    </p>
  );
}

function DraftsPart({ saving }: { saving: SavingState }) {
  const intl = useIntl();
  if (saving.uploadedAt !== null) {
    const time = intl.formatDate(saving.uploadedAt, { hour: "numeric", minute: "2-digit" });
    return (
      <span>
        <FormattedMessage id="compose.state.inDrafts" values={{ time }} />
      </span>
    );
  }
  if (saving.uploading !== null) {
    return (
      <span>
        <FormattedMessage id="compose.state.uploading" />
      </span>
    );
  }
  return saving.isBehind ? (
    <span className={styles.behind}>
      <FormattedMessage id="compose.state.behind" />
    </span>
  ) : null;
}
