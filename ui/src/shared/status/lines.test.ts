import { expect, test } from "vitest";

import type { AccountStatus, AccountView, OperationHealthView } from "../../ipc/contract";
import { makeAccount, makeStatus } from "../../features/mail/samples.test-data";
import { statusLines } from "./lines";

const health = (operation: string, part: Partial<OperationHealthView> = {}): OperationHealthView => ({
  operation,
  condition: "working",
  off: null,
  worked_at: 5,
  failed_at: null,
  error: null,
  retry_at: null,
  took_ms: null,
  ...part,
});
const status = (
  one: OperationHealthView,
  account: Partial<AccountView> = {},
  part: Partial<AccountStatus> = {},
): AccountStatus =>
  makeStatus({ account: makeAccount({ interval_min: 7, ...account }), health: [one], ...part });
const off = (reason: string) => ({ condition: "switched-off", off: reason });
const outbox = (state: string) => ({ state }) as AccountStatus["outbox"][number];
const operation = { state: "waiting" } as AccountStatus["operations"][number];

test.each<[AccountStatus, string]>([
  [status(health("receive")), "status.receive working status.sign.working"],
  [status(health("push", { condition: "slow" })), "status.push slow status.sign.slow"],
  [status(health("receive", { condition: "needs-you" })), "status.receive you status.sign.you"],
  [
    status(health("receive", { condition: "needs-you" }), { state: "sign-in-needed" }),
    "status.receive sign-in status.sign.sign-in",
  ],
  [status(health("receive", off("chosen")), { automatic: false }), "status.receive off status.off.byHand"],
  [status(health("push", off("chosen"))), "status.push off status.off.interval 7"],
  [status(health("push", off("chosen")), { automatic: false }), "status.push off status.off.chosen"],
  [status(health("push", off("not-offered"))), "status.push off status.off.noPush 7"],
  [status(health("send", off("not-offered"))), "status.send off status.off.receiveOnly"],
  [status(health("send", off("chosen"))), "status.send off status.off.chosen"],
  [status(health("receive", off("signed-out"))), "status.receive off status.off.signedOut"],
  [status(health("flags", off("setup-open"))), "status.flags off status.off.setup"],
])("status %# _says %s", (value, expected) => {
  const [line] = statusLines(value);
  expect(
    [line?.what, line?.sign, line?.says, line?.count].filter((part) => part !== undefined).join(" "),
  ).toBe(expected);
});

test("who_signed_out_reads_of_no_failure", () => {
  const failed = {
    failed_at: 9,
    error: { code: "sign_in_again", fixer: "you", params: {}, detail: "" },
  } as const;
  const [out] = statusLines(status(health("receive", { ...off("signed-out"), ...failed })));
  expect(out).toMatchObject({ failedAt: null, error: null, workedAt: 5 });
  const [line] = statusLines(status(health("receive", { condition: "needs-you", ...failed })));
  expect(line).toMatchObject({ failedAt: 9, error: failed.error });
});

test("line_of_an_approved_account_wants_its_sign_in", () => {
  const approval = { granted_at: 1 } as AccountView["approval"];
  const one = health("receive", { condition: "needs-you" });
  expect(statusLines(status(one, { state: "sign-in-needed", approval }))[0]).toMatchObject({
    sign: "approved",
    says: "status.sign.approved",
  });
});

test.each<[AccountStatus, object | null]>([
  [status(health("send")), null],
  [
    status(health("send"), {}, { outbox: [outbox("queued"), outbox("filed")] }),
    { says: "mail.status.toSend", count: 1 },
  ],
  [
    status(health("send"), {}, { outbox: [outbox("queued"), outbox("failed"), outbox("unknown")] }),
    { says: "mail.status.notSent", count: 2 },
  ],
  [status(health("flags"), {}, { operations: [operation] }), { says: "mail.status.waiting", count: 1 }],
  [
    status(health("flags"), {}, { operations: [operation, { ...operation, state: "refused" }] }),
    { says: "mail.status.refused", count: 1 },
  ],
  [status(health("receive"), {}, { operations: [operation] }), null],
])("queue %# _is %j", (value, expected) => {
  expect(statusLines(value)[0]?.queue).toEqual(expected);
});

test("operation_that_is_not_known_is_left_out", () => {
  expect(statusLines(status(health("dance")))).toEqual([]);
});
