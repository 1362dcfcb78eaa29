import { expect, test } from "vitest";

import { operationText, outboxText } from "./waiting";

test.each([
  [operationText("move"), "mail.operation.move"],
  [operationText("something new"), "mail.operation.other"],
  [outboxText("failed"), "mail.outbox.failed"],
  [outboxText("something new"), "mail.outbox.unknown"],
])("text %s _is %s", (found, expected) => {
  expect(found).toBe(expected);
});
