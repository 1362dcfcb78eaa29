import { FormattedMessage, useIntl } from "react-intl";

import { useNow } from "../useNow";
import { moment } from "./moment";
import type { Sign } from "./sign";

/** True for what needs nobody: it is tried again by itself. */
export const isTriedAgain = (sign: Sign) => sign === "retrying" || sign === "network";

/** When something is tried again. */
export function Retry({ at }: { at: number | null }) {
  const intl = useIntl();
  const now = useNow();
  return at === null ? (
    <FormattedMessage id="status.retry.soon" />
  ) : (
    <FormattedMessage id="status.retry" values={{ when: moment(intl, at, now) }} />
  );
}
