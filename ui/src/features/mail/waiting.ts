import type { MessageKey } from "../../i18n/messages";
import type { OperationView } from "../../ipc/contract";
import type { Role } from "./folders";

const OPERATIONS: Readonly<Record<string, MessageKey>> = {
  flags: "mail.operation.flags",
  move: "mail.operation.move",
  copy: "mail.operation.copy",
  delete: "mail.operation.delete",
  append: "mail.operation.append",
  draft: "mail.operation.draft",
};

const TO: Readonly<Record<string, MessageKey>> = {
  move: "mail.operation.moveTo",
  copy: "mail.operation.copyTo",
};

/** What a change does, by its kind on the wire; `role` is that of the folder in which it happens. */
export function operationText(kind: string, role: Role | null, hasTarget: boolean): MessageKey {
  if (kind === "delete" && role === "drafts") {
    return "mail.operation.deleteDraft";
  }
  return (hasTarget ? TO[kind] : undefined) ?? OPERATIONS[kind] ?? "mail.operation.other";
}

const LEFT_BEHIND: Readonly<Record<string, MessageKey>> = {
  append: "mail.refused.append",
  draft: "mail.refused.draft",
};

/** What a refusal leaves behind here. */
export const refusalText = (kind: string): MessageKey => LEFT_BEHIND[kind] ?? "mail.refused.undone";

/** The subjects that are told, and how many messages there are besides. */
export function subjectsOf(operation: Pick<OperationView, "messages" | "subjects">): {
  subjects: string[];
  others: number;
} {
  const subjects = operation.subjects.filter((subject) => subject.trim() !== "");
  return { subjects, others: subjects.length === 0 ? 0 : Math.max(0, operation.messages - subjects.length) };
}
