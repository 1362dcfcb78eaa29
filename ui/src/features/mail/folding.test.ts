import { expect, test } from "vitest";

import { folded } from "./folding";

test.each([
  [[1, 2, 3], [3], [1, 2, 3]],
  [[1, 2, 3, 4, 5], [5], [1, 2, 3, 4, 5]],
  [[1, 2, 3, 4, 5, 6], [6], [1, "3 hidden", 5, 6]],
  [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [2, 8],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ],
])("messages %j _with_open %j _show %j", (messages, open, expected) => {
  const shown = folded(messages, (message) => open.includes(message));
  expect(shown.map((item) => ("hidden" in item ? `${item.hidden} hidden` : item.message))).toEqual(expected);
});
