import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";

import { CommandLine } from "../../shared/CommandLine";
import { ExternalLink } from "../../shared/ExternalLink";
import { CONSOLES, REDIRECTS, SCOPES } from "./services";
import type { Service } from "./services";
import styles from "./RegistrationSteps.module.css";
import parts from "./parts.module.css";

/** The steps at each service. What stands on its pages is in English, as there. */
const STEPS = {
  google: [
    "settings.steps.google.project",
    "settings.steps.google.api",
    "settings.steps.google.branding",
    "settings.steps.google.scope",
    "settings.steps.google.client",
    "settings.steps.google.copy",
  ],
  microsoft: [
    "settings.steps.microsoft.new",
    "settings.steps.microsoft.types",
    "settings.steps.microsoft.redirect",
    "settings.steps.microsoft.public",
    "settings.steps.microsoft.permissions",
    "settings.steps.microsoft.copy",
  ],
  yandex: ["settings.steps.yandex.new", "settings.steps.yandex.rights", "settings.steps.yandex.copy"],
  fastmail: ["settings.steps.fastmail.ask", "settings.steps.openid.copy"],
  openid: ["settings.steps.openid.client", "settings.steps.openid.redirect", "settings.steps.openid.copy"],
} as const;

const strong = (words: ReactNode) => <b>{words}</b>;

/** How a program is registered at a sign-in service, step by step, with what has to be entered there. */
export function RegistrationSteps({ service }: { service: Service | "openid" }) {
  const page = CONSOLES[service];
  return (
    <div className={styles.steps}>
      <ol>
        {STEPS[service].map((id) => (
          <li key={id}>
            <FormattedMessage id={id} values={{ b: strong }} />
          </li>
        ))}
      </ol>
      {page !== null && <ExternalLink url={page} id="settings.steps.open" />}
      {REDIRECTS[service].length > 0 && (
        <>
          <p className={parts.label}>
            <FormattedMessage id="settings.steps.redirects" />
          </p>
          {REDIRECTS[service].map((address) => (
            <CommandLine key={address} command={address} />
          ))}
        </>
      )}
      {SCOPES[service].length > 0 && (
        <>
          <p className={parts.label}>
            <FormattedMessage id="settings.steps.scopes" />
          </p>
          <CommandLine command={SCOPES[service].join(" ")} />
        </>
      )}
    </div>
  );
}
