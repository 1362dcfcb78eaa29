import type { IntlShape } from "react-intl";

import type { FactView, ProofView } from "../../ipc/contract";
import { errorText } from "../../shared/errors/text";
import { hostOf } from "./servers";

/** What an administrator is asked to allow, by the code of the error. */
const ASKS = {
  auth_imap_disabled: "setup.admin.imap",
  auth_smtp_disabled: "setup.admin.smtp",
  auth_mechanism_missing: "setup.admin.mechanism",
  oauth_denied: "setup.admin.consent",
  oauth_admin_consent_needed: "setup.admin.consent",
  sender_rejected: "setup.admin.sender",
  permission_denied: "setup.admin.permission",
  tls_certificate_invalid: "setup.admin.certificate",
  tls_certificate_expired: "setup.admin.certificate",
  tls_certificate_wrong_host: "setup.admin.certificate",
  connect_refused: "setup.admin.connection",
  connect_timeout: "setup.admin.connection",
  network_unreachable: "setup.admin.connection",
} as const;

const asks = (code: string) =>
  Object.hasOwn(ASKS, code) ? ASKS[code as keyof typeof ASKS] : ("setup.admin.other" as const);

/** The server that was tried. */
const serverIn = (tried: readonly FactView[]) =>
  String(tried.find(({ fact }) => fact === "server")?.value ?? "");

/** True when somebody other than the person can do something about the proof. */
function isForOthers({ error }: ProofView): boolean {
  return error !== null && (error.fixer === "administrator" || error.fixer === "provider");
}

/**
 * A message in the person's language for whoever runs the mailbox: which server, what it refused, what to allow.
 * `null` when nothing failed that somebody else could mend.
 */
export function administratorMessage(
  intl: IntlShape,
  address: string,
  proofs: readonly ProofView[],
): string | null {
  const failed = proofs.filter(isForOthers);
  if (failed.length === 0) {
    return null;
  }
  const points = failed.flatMap(({ error, tried }) => {
    if (error === null) {
      return [];
    }
    const { title, reply } = errorText(intl, error);
    const server = [error.params["host"] ?? hostOf(serverIn(tried)), error.params["port"]]
      .filter(Boolean)
      .join(":");
    return [
      [
        `• ${title}.`,
        server === "" ? "" : `  ${intl.formatMessage({ id: "setup.admin.server" }, { server })}`,
        reply === null ? "" : `  ${intl.formatMessage({ id: "setup.admin.reply" }, { reply })}`,
        `  ${intl.formatMessage({ id: asks(error.code) }, { address })}`,
      ]
        .filter(Boolean)
        .join("\n"),
    ];
  });
  return [
    intl.formatMessage({ id: "setup.admin.greeting" }),
    "",
    intl.formatMessage({ id: "setup.admin.lead" }, { address }),
    "",
    points.join("\n\n"),
    "",
    intl.formatMessage({ id: "setup.admin.end" }),
    "",
  ].join("\n");
}
