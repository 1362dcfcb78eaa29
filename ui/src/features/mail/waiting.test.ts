import { expect, test } from "vitest";

import { operationText } from "./waiting";

test.each([
  [operationText("move"), "mail.operation.move"],
  [operationText("something new"), "mail.operation.other"],
])("text %s _is %s", (found, expected) => {
  expect(found).toBe(expected);
});
