import type { IntlShape } from "react-intl";

import type { ApprovalView } from "../../ipc/contract";
import type { MessageKey } from "../../i18n/messages";

/** What the scopes that are known allow. */
const SCOPES: Record<string, MessageKey> = {
  "https://outlook.office.com/IMAP.AccessAsUser.All": "approval.scope.imap",
  "https://outlook.office.com/SMTP.Send": "approval.scope.smtp",
  "https://mail.google.com/": "approval.scope.mail",
  "mail:imap_full": "approval.scope.imap",
  "mail:smtp": "approval.scope.smtp",
  "https://www.fastmail.com/dev/protocol-imap": "approval.scope.imap",
  "https://www.fastmail.com/dev/protocol-smtp": "approval.scope.smtp",
  mail: "approval.scope.mail",
  "urn:ietf:params:oauth:scope:mail": "approval.scope.mail",
  offline_access: "approval.scope.offline",
  openid: "approval.scope.openid",
  profile: "approval.scope.profile",
  email: "approval.scope.email",
};

/** What is said above everything else: whether the organisation has to agree, or has agreed. */
export function approvalWords(
  approval: Pick<ApprovalView, "granted_at"> | null,
): Record<"title" | "lead", MessageKey> {
  return (approval?.granted_at ?? null) === null
    ? { title: "approval.title", lead: "approval.lead" }
    : { title: "error.oauth_approval_granted.title", lead: "approval.finish.help" };
}

/** A permission that is asked for, and what it is for in the reader's language; `null` when nobody knows. */
export interface Permission {
  scope: string;
  purpose: string | null;
}

export function permissionsOf(intl: IntlShape, { scopes }: Pick<ApprovalView, "scopes">): Permission[] {
  return scopes.map((scope) => {
    const id = SCOPES[scope];
    return { scope, purpose: id === undefined ? null : intl.formatMessage({ id }) };
  });
}

/** The message to an administrator: its subject, and its text with the page, each permission and what it is for. */
export function approvalLetter(
  intl: IntlShape,
  address: string,
  approval: ApprovalView,
): { subject: string; text: string } {
  const permissions = permissionsOf(intl, approval).map(({ scope, purpose }) =>
    purpose === null ? `• ${scope}` : `• ${purpose}\n  ${scope}`,
  );
  const client = { client: approval.client_id, tenant: approval.tenant ?? "none" };
  return {
    subject: intl.formatMessage({ id: "approval.letter.subject" }),
    text: [
      intl.formatMessage({ id: "setup.admin.greeting" }),
      "",
      intl.formatMessage({ id: "approval.letter.lead" }, { address }),
      "",
      ...(approval.url === null
        ? [intl.formatMessage({ id: "approval.letter.byHand" })]
        : [intl.formatMessage({ id: "approval.letter.link" }), approval.url]),
      "",
      intl.formatMessage({ id: "approval.letter.asks" }),
      ...permissions,
      "",
      intl.formatMessage({ id: "approval.letter.client" }, client),
      intl.formatMessage({ id: "approval.letter.private" }),
      "",
      intl.formatMessage({ id: "approval.letter.end" }),
      "",
    ].join("\n"),
  };
}

/** A `mailto:` link that carries a letter (RFC 6068). */
export function mailtoOf({ subject, text }: { subject: string; text: string }): string {
  const body = encodeURIComponent(text.replaceAll("\n", "\r\n"));
  return `mailto:?subject=${encodeURIComponent(subject)}&body=${body}`;
}
