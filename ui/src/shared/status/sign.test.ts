import { expect, test } from "vitest";

import { signFor, signInAction, signOf, wantsSignIn, worstOf } from "./sign";
import type { Judged } from "./sign";

const is = (
  condition: string,
  state = "working",
  setup_done = true,
  approval: Judged["approval"] = null,
): Judged => ({ condition, state, setup_done, approval });

const approval = (granted_at: number | null) => ({ granted_at }) as Judged["approval"];

test.each([
  [is("working"), "working"],
  [is("slow"), "slow"],
  [is("waiting-for-network"), "network"],
  [is("retrying"), "retrying"],
  [is("needs-you"), "you"],
  [is("needs-you", "sign-in-needed"), "sign-in"],
  [is("needs-administrator", "sign-in-needed"), "administrator"],
  [is("needs-administrator", "waiting-approval"), "waiting"],
  [is("switched-off", "waiting-approval", false), "waiting"],
  [is("needs-administrator", "waiting-approval", true, approval(null)), "waiting"],
  [is("needs-you", "sign-in-needed", true, approval(1)), "approved"],
  [is("needs-you", "sign-in-needed", false, approval(1)), "approved"],
  [is("switched-off", "signed-out"), "signed-out"],
  [is("needs-you", "signed-out"), "signed-out"],
  [is("switched-off"), "off"],
  [is("untried", "unproved"), "untried"],
  [is("switched-off", "working", false), "unfinished"],
  [is("needs-you", "sign-in-needed", false), "sign-in"],
  [is("half-asleep"), "untried"],
])("account %j _has_sign %s", (account, expected) => {
  expect(signOf(account)).toBe(expected);
});

test.each([
  ["sign-in", true, "mail.signIn.do"],
  ["approved", true, "mail.signIn.finish"],
  ["signed-out", true, "mail.signIn.start"],
  ["waiting", false, "mail.signIn.do"],
  ["working", false, "mail.signIn.do"],
] as const)("sign %s _wants_a_sign_in %s _by %s", (sign, wants, action) => {
  expect(wantsSignIn(sign)).toBe(wants);
  expect(signInAction(sign)).toBe(action);
});

test("name_of_an_inherited_property_is_no_condition", () => {
  expect(signFor("constructor")).toBe("untried");
});

test("worst_account_is_the_one_that_needs_most", () => {
  const accounts = [is("working"), is("retrying"), is("needs-administrator"), is("slow")];
  expect(worstOf(accounts)).toEqual({ account: accounts[2], sign: "administrator" });
  expect(worstOf([is("working"), is("slow"), is("switched-off")])).toBeNull();
  expect(worstOf([is("switched-off", "signed-out")])).toBeNull();
  const granted = is("needs-you", "sign-in-needed", true, approval(1));
  expect(worstOf([is("needs-administrator", "waiting-approval"), granted])?.sign).toBe("approved");
  expect(worstOf([])).toBeNull();
});
