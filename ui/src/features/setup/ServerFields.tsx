import { FormattedMessage, useIntl } from "react-intl";

import { errorText } from "../../shared/errors/text";
import { SelectField } from "../../shared/Field";
import { Input, Sign } from "./parts";
import { usualPort } from "./servers";
import type { Security, ServerForm, ServerKind, ServerProblem } from "./servers";
import styles from "./ServerFields.module.css";
import parts from "./parts.module.css";
import { useProbe } from "./useProbe";
import type { Probe } from "./useProbe";

interface ServerFieldsProps {
  kind: ServerKind;
  form: ServerForm;
  /** What is wrong with it, once the person should know. */
  problem: ServerProblem | null;
  focused?: boolean;
  /** The fingerprint of a certificate that the person trusts there. */
  trusted?: string | null;
  onType: (field: "host" | "port", text: string) => void;
  onSecurity: (security: Security) => void;
}

/** One server. As soon as name and port are there, it is asked whether it answers. */
export function ServerFields({
  kind,
  form,
  problem,
  focused = false,
  trusted = null,
  onType,
  onSecurity,
}: ServerFieldsProps) {
  const probe = useProbe(kind, form, trusted);
  return (
    <fieldset className={parts.group}>
      <legend>
        <FormattedMessage id={`setup.servers.${kind}`} />
      </legend>
      <div className={styles.server}>
        <Input
          focused={focused}
          label={<FormattedMessage id="setup.servers.host" />}
          inputMode="url"
          value={form.host}
          onType={(text) => onType("host", text)}
          problem={
            problem === "host" ? (
              <FormattedMessage id="setup.servers.hostProblem" values={{ kind }} />
            ) : undefined
          }
        />
        <Input
          label={<FormattedMessage id="setup.servers.port" />}
          inputMode="numeric"
          value={form.port}
          onType={(text) => onType("port", text)}
          problem={problem === "port" ? <FormattedMessage id="setup.servers.portProblem" /> : undefined}
        />
        <SelectField
          label={<FormattedMessage id="setup.servers.security" />}
          value={form.security}
          onPick={(value) => onSecurity(value === "starttls" ? "starttls" : "tls")}
        >
          <option value="tls">TLS</option>
          <option value="starttls">STARTTLS</option>
        </SelectField>
      </div>
      <ProbeLine probe={probe} form={form} kind={kind} />
    </fieldset>
  );
}

/** Whether the server answers, and why not. */
function ProbeLine({ probe, form, kind }: { probe: Probe; form: ServerForm; kind: ServerKind }) {
  const intl = useIntl();
  const server = `${form.host.trim()}:${form.port.trim()}`;
  return (
    <output className={styles.probe} data-state={probe.state}>
      {probe.state === "asking" && (
        <>
          <Sign kind="running" />
          <FormattedMessage id="setup.probe.asking" values={{ server }} />
        </>
      )}
      {probe.state === "answers" && (
        <>
          <Sign kind="passed" />
          <FormattedMessage id="setup.probe.answers" values={{ server }} />
        </>
      )}
      {probe.state === "silent" && (
        <>
          <Sign kind="failed" />
          <span>
            {probe.error === null ? (
              <FormattedMessage id="setup.probe.silent" values={{ server }} />
            ) : (
              `${errorText(intl, probe.error).title}.`
            )}{" "}
            <FormattedMessage
              id="setup.probe.try"
              values={{ tls: usualPort(kind, "tls"), starttls: usualPort(kind, "starttls") }}
            />
          </span>
        </>
      )}
    </output>
  );
}
