import type { IntlShape } from "react-intl";
import { FormattedMessage, useIntl } from "react-intl";

import { size } from "../../shared/quantity";
import styles from "./Composer.module.css";
import type { Stop } from "./sending";

/** Why the message cannot be sent as it is. */
export function StopNotice({ stops }: { stops: readonly Stop[] }) {
  const intl = useIntl();
  return (
    <div className={styles.stops} role="alert">
      <p>
        <b>
          <FormattedMessage id="compose.check.title" />
        </b>
      </p>
      {stops.map((stop) => (
        <p key={stop.stop === "address" ? stop.text : stop.stop}>{stopText(intl, stop)}</p>
      ))}
    </div>
  );
}

function stopText(intl: IntlShape, stop: Stop): string {
  switch (stop.stop) {
    case "address":
      return intl.formatMessage({ id: `compose.address.${stop.problem}` }, { text: stop.text });
    case "large":
      return intl.formatMessage(
        { id: "compose.check.large" },
        { size: size(intl, stop.size), limit: size(intl, stop.limit) },
      );
    case "from":
    case "nobody":
    case "files":
    case "filesFailed":
      return intl.formatMessage({ id: `compose.check.${stop.stop}` });
  }
}
