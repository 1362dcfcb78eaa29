import { expect, test } from "vitest";

import type { WireError } from "../../ipc/contract";
import { signOf } from "./sign";

const error: WireError = { code: "connect_timeout", fixer: "provider", params: {}, detail: "" };

test.each([
  ["working", null, 1, "works"],
  ["working", null, null, "unproved"],
  ["working", error, 1, "trouble"],
  ["unproved", null, null, "unproved"],
  ["sign-in-needed", error, 1, "sign-in"],
])("account %s %j %j _has_sign %s", (state, fault, received_at, expected) => {
  expect(signOf({ state, error: fault, received_at })).toBe(expected);
});
