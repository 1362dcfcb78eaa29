import { useEffect, useId, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { ProviderView, WireError } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { SelectField } from "../../shared/Field";
import styles from "./parts.module.css";

interface ProviderPickerProps {
  domain: string;
  onPick: (provider: string) => void;
  onClose: () => void;
}

/** Who runs the mail of a domain, chosen from the known providers. */
export function ProviderPicker({ domain, onPick, onClose }: ProviderPickerProps) {
  const intl = useIntl();
  const id = useId();
  const door = useDoor();
  const [providers, setProviders] = useState<ProviderView[] | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [chosen, setChosen] = useState("");
  useEffect(() => {
    let isWanted = true;
    const ask = async () => {
      try {
        const found = await door.call("provider_list", {});
        if (isWanted) {
          setProviders(found);
        }
      } catch (failure) {
        if (isWanted) {
          setError(wireOf(failure));
        }
      }
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [door]);

  return (
    <section className={styles.card} data-form aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        <FormattedMessage id="setup.provider.title" values={{ domain }} />
      </h2>
      <p className={styles.quiet}>
        <FormattedMessage id="setup.provider.help" />
      </p>
      {error !== null && <ErrorNotice error={error} />}
      <SelectField
        label={<FormattedMessage id="setup.provider.label" />}
        disabled={providers === null}
        value={chosen}
        onPick={setChosen}
      >
        <option value="">
          {intl.formatMessage({
            id: providers === null && error === null ? "app.loading" : "setup.provider.none",
          })}
        </option>
        {providers?.map((provider) => (
          <option key={provider.id} value={provider.id} disabled={!provider.has_imap}>
            {provider.has_imap
              ? provider.name
              : intl.formatMessage({ id: "setup.provider.withoutImap" }, { name: provider.name })}
          </option>
        ))}
      </SelectField>
      <div className={styles.foot}>
        <Button disabled={chosen === ""} onClick={() => onPick(chosen)}>
          <FormattedMessage id="setup.provider.use" />
        </Button>
        <Button look="quiet" onClick={onClose}>
          <FormattedMessage id="setup.cancel" />
        </Button>
      </div>
    </section>
  );
}
