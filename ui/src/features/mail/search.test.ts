import { expect, test } from "vitest";

import { withOperator } from "./SearchField";

test.each([
  ["", "from:", "from:"],
  ["invoice ", "from:", "invoice from:"],
  ["invoice", "is:unread", "invoice is:unread "],
])("query %j _with %s _is %j", (query, operator, expected) => {
  expect(withOperator(query, operator)).toBe(expected);
});
