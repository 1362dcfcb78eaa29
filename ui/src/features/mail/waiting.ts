import type { MessageKey } from "../../i18n/messages";

const OPERATIONS: Readonly<Record<string, MessageKey>> = {
  flags: "mail.operation.flags",
  move: "mail.operation.move",
  copy: "mail.operation.copy",
  delete: "mail.operation.delete",
  append: "mail.operation.append",
};

/** What a waiting change does, by its kind on the wire. */
export function operationText(kind: string): MessageKey {
  return OPERATIONS[kind] ?? "mail.operation.other";
}
