import { expect, test } from "vitest";

import type { AccountView } from "../../ipc/contract";
import { formsAgain, issuerAgain, offersOf } from "./again";
import { ACCOUNT, APP_PASSWORD, OAUTH, candidate, detection, wire } from "./testing/samples";

const by = (auth: string | null, part: Partial<AccountView> = {}): AccountView => ({
  ...ACCOUNT,
  auth,
  ...part,
});
const waiting = { granted_at: null } as AccountView["approval"];
const OFF = wire("auth_password_off");

test.each([
  ["password alone", by("password"), candidate(), null, ["password"]],
  ["password of somebody unknown", by("password"), null, null, ["password"]],
  ["page of somebody unknown", by("oauth2"), null, null, ["browser", "password"]],
  ["app password where there is a page", by("app-password"), OAUTH, null, ["app-password", "browser"]],
  ["page where app passwords are", by("oauth2"), OAUTH, null, ["browser", "app-password"]],
  ["page that cannot be used here", by("password"), APP_PASSWORD, null, ["password", "app-password"]],
  ["password that was switched off", by("password"), OAUTH, OFF, ["browser", "password", "app-password"]],
  ["password switched off by somebody unknown", by("password"), null, OFF, ["browser", "password"]],
  [
    "app password that is needed",
    by("password"),
    OAUTH,
    wire("auth_app_password_needed"),
    ["app-password", "password", "browser"],
  ],
  ["app password that nobody offers", by("password"), null, wire("auth_app_password_needed"), ["password"]],
  ["administrator who was asked", by(null, { approval: waiting }), null, null, ["browser", "password"]],
] as const)("forms of %s", (_, account, found, error, expected) => {
  expect(formsAgain(account, found, error)).toEqual(expected);
});

test("service_is_named_by_an_account_that_has_none_of_its_own", () => {
  expect(issuerAgain(by("password"), OAUTH)).toBe("google");
  expect(issuerAgain(by("oauth2"), OAUTH)).toBeNull();
  expect(issuerAgain(by(null, { approval: waiting }), OAUTH)).toBeNull();
  expect(issuerAgain(by("password"), candidate())).toBeNull();
  expect(issuerAgain(by("password"), null)).toBeNull();
});

test("offers_are_those_of_the_accounts_own_server", () => {
  const other = candidate({ imap: ["imap.other.net:993:tls"] });
  expect(offersOf(ACCOUNT, detection(other, OAUTH))).toBe(OAUTH);
  expect(offersOf(ACCOUNT, detection(other))).toBeNull();
  expect(offersOf(by(null, { imap: null }), detection(other))).toBe(other);
  expect(offersOf(by(null, { imap: null, provider: null }), detection(other))).toBeNull();
  expect(offersOf(ACCOUNT, undefined)).toBeNull();
});

test("offers_that_the_core_knows_stand_in_for_those_of_nobody", () => {
  const account = by("password", { sign_ins: OAUTH.auth });
  expect(offersOf(account, undefined)).toEqual({ auth: OAUTH.auth });
  expect(formsAgain(account, offersOf(account, undefined), OFF)).toEqual([
    "browser",
    "password",
    "app-password",
  ]);
  expect(issuerAgain(account, offersOf(account, undefined))).toBe("google");
});
