import { useId } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import styles from "./Composer.module.css";
import type { Sender } from "./sending";

interface FromFieldProps {
  value: string;
  groups: readonly { account: string; senders: readonly Sender[] }[];
  /** False while it is not known who may send. */
  isKnown: boolean;
  onChange: (address: string) => void;
}

/** Whom the message is from: the addresses of every account that may send. */
export function FromField({ value, groups, isKnown, onChange }: FromFieldProps) {
  const intl = useIntl();
  const id = useId();
  const senders = groups.flatMap((group) => group.senders);
  const isKnownSender = senders.some(({ address }) => address.toLowerCase() === value.toLowerCase());
  return (
    <div className={styles.row}>
      <label className={styles.label} htmlFor={`${id}-from`}>
        <FormattedMessage id="compose.from" />
      </label>
      <select
        id={`${id}-from`}
        className={styles.from}
        value={value}
        aria-invalid={isKnown && !isKnownSender}
        onChange={(event) => onChange(event.target.value)}
      >
        {!isKnownSender && (
          <option value={value}>
            {senders.length === 0 && value === "" ? intl.formatMessage({ id: "compose.from.none" }) : value}
          </option>
        )}
        {groups.map(({ account, senders: own }) =>
          groups.length > 1 || own.length > 1 ? (
            <optgroup key={account} label={account}>
              {own.map((sender) => (
                <SenderOption key={sender.address} name={sender.name} address={sender.address} />
              ))}
            </optgroup>
          ) : (
            own.map((sender) => (
              <SenderOption key={sender.address} name={sender.name} address={sender.address} />
            ))
          ),
        )}
      </select>
      {isKnown && !isKnownSender && (
        <p className={styles.wrong}>
          <FormattedMessage id="compose.from.off" values={{ address: value }} />
        </p>
      )}
    </div>
  );
}

function SenderOption({ name, address }: { name: string; address: string }) {
  return <option value={address}>{name === "" ? address : `${name} <${address}>`}</option>;
}
