import { FormattedMessage, useIntl } from "react-intl";

import type { AccountStatus } from "../../ipc/contract";
import hidden from "../hidden.module.css";
import { useNow } from "../useNow";
import { arrivalDays, barHeights, dayPlace } from "./arrivals";
import { moment } from "./moment";
import styles from "./Arrivals.module.css";

/** Units of the drawing: one hour is as wide as this, and the tallest bar as high. */
const WIDE = 10;
const HIGH = 100;

/** When messages came during the last days, as a picture and in words, and when something was last heard. */
export function Arrivals({ status }: { status: AccountStatus }) {
  const intl = useIntl();
  const now = useNow();
  const { arrivals: hours, arrivals_since: since, arrived_at: arrivedAt, heard_at: heardAt } = status;
  const days = arrivalDays(hours, since);
  const total = hours.reduce((sum, messages) => sum + messages, 0);
  const last = hours.slice(-24).reduce((sum, messages) => sum + messages, 0);
  const day = (at: number) => intl.formatDate(at, { weekday: "short" });
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <strong>
          <FormattedMessage id="status.arrivals" />
        </strong>
        <span>
          <FormattedMessage id="status.arrivals.sum" values={{ total, last }} />
        </span>
      </figcaption>
      <svg
        className={styles.bars}
        viewBox={`0 0 ${hours.length * WIDE} ${HIGH}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {days.slice(1).map(({ at }) => {
          const x = ((at - since) / 3_600_000) * WIDE;
          return <line key={at} x1={x} x2={x} y1={0} y2={HIGH} className={styles.midnight} />;
        })}
        {barHeights(hours).map((height, hour) => (
          <rect
            // oxlint-disable-next-line react/no-array-index-key -- an hour is its place
            key={hour}
            className={styles.bar}
            x={hour * WIDE + 1}
            width={WIDE - 2}
            y={HIGH - height * HIGH}
            height={height * HIGH}
          />
        ))}
      </svg>
      <div className={styles.days} aria-hidden="true">
        {days.map((one, index) => {
          const from = dayPlace(one, since, hours.length);
          const next = days[index + 1];
          const to = next === undefined ? 1 : dayPlace(next, since, hours.length);
          return (
            <span key={one.at} style={{ width: `${(to - from) * 100}%` }}>
              {to - from > 0.08 && day(one.at)}
            </span>
          );
        })}
      </div>
      <ul className={hidden.text}>
        {days.map(({ at, messages }) => (
          <li key={at}>
            <FormattedMessage
              id="status.arrivals.day"
              values={{
                day: intl.formatDate(at, { weekday: "long", day: "numeric", month: "long" }),
                messages,
              }}
            />
          </li>
        ))}
      </ul>
      <p className={styles.heard}>
        {arrivedAt === null ? (
          <FormattedMessage id="status.arrivals.none" />
        ) : (
          <FormattedMessage id="status.arrivals.last" values={{ when: moment(intl, arrivedAt, now) }} />
        )}{" "}
        {heardAt !== null && (
          <FormattedMessage id="status.heard" values={{ when: moment(intl, heardAt, now) }} />
        )}
      </p>
    </figure>
  );
}
