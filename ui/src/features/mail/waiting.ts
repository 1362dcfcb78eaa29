import type { MessageKey } from "../../i18n/messages";

const OPERATIONS: Readonly<Record<string, MessageKey>> = {
  flags: "mail.operation.flags",
  move: "mail.operation.move",
  copy: "mail.operation.copy",
  delete: "mail.operation.delete",
  append: "mail.operation.append",
};

const OUTBOX: Readonly<Record<string, MessageKey>> = {
  queued: "mail.outbox.queued",
  sending: "mail.outbox.sending",
  sent: "mail.outbox.sent",
  filed: "mail.outbox.filed",
  failed: "mail.outbox.failed",
  unknown: "mail.outbox.unknown",
};

/** What a waiting change does, by its kind on the wire. */
export function operationText(kind: string): MessageKey {
  return OPERATIONS[kind] ?? "mail.operation.other";
}

/** How far a message of the outbox is, by its state on the wire. */
export function outboxText(state: string): MessageKey {
  return OUTBOX[state] ?? "mail.outbox.unknown";
}
