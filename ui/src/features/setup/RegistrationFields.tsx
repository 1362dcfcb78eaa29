import { FormattedMessage } from "react-intl";

import { RegistrationSteps } from "../settings/RegistrationSteps";
import { isService } from "../settings/services";
import { isIssuer } from "./state";
import type { RegistrationForm } from "./state";
import { Input } from "./parts";
import styles from "./parts.module.css";
import type { Send } from "./useWizard";

/** A client id of the person's own, and the issuer where the servers were entered by hand. */
export function RegistrationFields({
  registration,
  send,
  withIssuer,
  service,
  tried = false,
  focusIssuer = false,
}: {
  registration: RegistrationForm;
  send: Send;
  withIssuer: boolean;
  /** The sign-in service, where it is known, for its instructions. */
  service: string | null;
  tried?: boolean;
  focusIssuer?: boolean;
}) {
  const typed = (field: keyof RegistrationForm) => (text: string) =>
    send({ type: "registration_typed", field, text });
  return (
    <div className={styles.group}>
      <p className={styles.quiet}>
        <FormattedMessage id={withIssuer ? "setup.registration.issuerHelp" : "setup.registration.help"} />
      </p>
      <details className={styles.details}>
        <summary>
          <FormattedMessage id="settings.registration.steps" />
        </summary>
        <RegistrationSteps service={service !== null && isService(service) ? service : "openid"} />
      </details>
      {withIssuer && (
        <Input
          type="url"
          focused={focusIssuer}
          label={<FormattedMessage id="setup.registration.issuer" />}
          value={registration.issuer}
          onType={typed("issuer")}
          problem={
            tried && !isIssuer(registration.issuer) ? (
              <FormattedMessage id="setup.registration.issuerProblem" />
            ) : undefined
          }
        />
      )}
      <Input
        label={<FormattedMessage id="setup.registration.clientId" />}
        value={registration.clientId}
        onType={typed("clientId")}
      />
      <Input
        type="password"
        label={<FormattedMessage id="setup.registration.clientSecret" />}
        hint={<FormattedMessage id="setup.optional" />}
        value={registration.clientSecret}
        onType={typed("clientSecret")}
      />
      {service === "microsoft" && (
        <Input
          label={<FormattedMessage id="setup.registration.tenant" />}
          hint={<FormattedMessage id="setup.registration.tenantHelp" />}
          value={registration.tenant}
          onType={typed("tenant")}
        />
      )}
    </div>
  );
}
