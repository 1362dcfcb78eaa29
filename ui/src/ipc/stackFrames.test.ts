import { expect, test } from "vitest";

import { ownFrames } from "./stackFrames";

test.each([
  ["show@tauri://localhost/assets/index-a1b2.js:1:234", "show assets/index-a1b2.js:1:234"],
  ["@tauri://localhost/assets/index-a1b2.js:12:3", "(anonymous) assets/index-a1b2.js:12:3"],
  ["    at show (http://127.0.0.1:4000/assets/index.js:1:2)", "show assets/index.js:1:2"],
  ["    at http://127.0.0.1:4000/assets/index.js:1:2", "(anonymous) assets/index.js:1:2"],
  ["    at Mail.show (http://127.0.0.1:5173/src/app/App.tsx?t=17:9:8)", "Mail.show src/app/App.tsx:9:8"],
  ["TypeError: Dear Anna, the password is 1234", ""],
  ["x@https://evil.example/a.js?secret:1:1", ""],
  ["at eval (data:text/javascript,secret:1:1)", ""],
  ["[native code]", ""],
])("frame %j _becomes_ %j", (line, expected) => {
  expect(ownFrames(line)).toBe(expected);
});

test("frames_of_a_deep_stack_end_at_forty", () => {
  const stack = Array.from({ length: 100 }, (_, i) => `f@tauri://localhost/assets/a.js:1:${i}`).join("\n");
  expect(ownFrames(stack).split("\n")).toHaveLength(40);
});
