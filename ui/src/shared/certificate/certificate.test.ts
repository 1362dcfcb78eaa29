import { expect, test } from "vitest";

import type { WireError } from "../../ipc/contract";
import { chainOf, exceptionFor, grouped } from "./certificate";

const wire = (params: WireError["params"]): WireError => ({
  code: "tls_certificate_invalid",
  fixer: "provider",
  params,
  detail: "",
});

test.each([[undefined], ["not json"], ['{"subject":"a"}']])("chain_of %j _is_empty", (chain) => {
  expect(chainOf(wire(chain === undefined ? {} : { chain }))).toEqual([]);
});

test("chain_is_read_with_what_is_missing_left_out", () => {
  const chain =
    '[{"subject":"mail","issuer":"own","names":["mail.x.pl"],"from":1,"until":null,"fingerprint":"ab"}]';
  expect(chainOf(wire({ chain }))).toEqual([
    { subject: "mail", issuer: "own", names: ["mail.x.pl"], from: 1, until: null, fingerprint: "ab" },
  ]);
});

test("exception_needs_a_server_and_a_fingerprint", () => {
  const whole = { host: "mail.x.pl", port: 993, fingerprint: "ab" };
  expect(exceptionFor(wire({ ...whole, chain: "[]" }))).toEqual(whole);
  expect(exceptionFor(wire({ host: "mail.x.pl", port: 993 }))).toBeNull();
});

test("fingerprint_stands_in_groups", () => {
  expect(grouped("ab12cd")).toBe("AB12 CD");
});
