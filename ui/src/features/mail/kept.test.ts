import { expect, test } from "vitest";

import { USUAL, readKept } from "./kept";

test.each([
  [null, USUAL],
  ["nonsense", USUAL],
  ['{"folders":300,"closed":["a@x.pl",3]}', { ...USUAL, folders: 300, closed: ["a@x.pl"] }],
  ['{"folders":3,"list":"wide"}', USUAL],
])("kept %j _reads_as %j", (text, expected) => {
  expect(readKept(text)).toEqual(expected);
});
