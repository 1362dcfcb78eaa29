import { expect, test } from "vitest";

import type { AccountStatus, AccountView, OperationView, OutboxView } from "../../ipc/contract";
import { makeAccount } from "./samples.test-data";
import { statusLines } from "./status";

const status = (account: Partial<AccountView>, part: Partial<AccountStatus> = {}): AccountStatus => ({
  account: makeAccount({ smtp: "smtp.x.pl:465:tls", received_at: 5, ...account }),
  sent_at: null,
  operations: [],
  outbox: [],
  ...part,
});
const outbox = (state: string): OutboxView => ({
  id: 1,
  account: "",
  state,
  subject: "",
  to: [],
  message_id: "",
  attempts: 0,
  next_at: null,
  left_over: false,
  error: null,
});
const operation = (state: string): OperationView => ({
  id: 1,
  account: "",
  folder: "",
  kind: "move",
  messages: 1,
  state,
  attempts: 0,
  error: null,
});
const said = (value: AccountStatus) => statusLines(value).map(({ says, sign }) => `${says} ${sign}`);
const error = { code: "auth_failed", fixer: "you", params: {}, detail: "" } as const;

test.each<[AccountStatus, number, string]>([
  [status({}), 0, "mail.status.worked good"],
  [status({ received_at: null }), 0, "mail.status.never open"],
  [status({ error }), 0, "mail.status.failedSince bad"],
  [status({ state: "sign-in-needed", received_at: null }), 0, "mail.status.failed bad"],
  [status({ smtp: null }), 1, "mail.status.receiveOnly open"],
  [status({ sending: false }), 1, "mail.status.sendingOff open"],
  [status({}), 1, "mail.status.neverSent open"],
  [status({}, { sent_at: 3 }), 1, "mail.status.sent good"],
  [status({}, { outbox: [outbox("queued")] }), 1, "mail.status.toSend open"],
  [status({}, { outbox: [outbox("queued"), outbox("failed")] }), 1, "mail.status.notSent bad"],
  [status({}), 2, "mail.status.allReached good"],
  [status({}, { operations: [operation("waiting")] }), 2, "mail.status.waiting open"],
  [status({}, { operations: [operation("refused")] }), 2, "mail.status.waiting bad"],
  [status({}), 3, "mail.status.push good"],
  [status({ push: false }), 3, "mail.status.interval good"],
  [status({ error }), 3, "mail.status.push open"],
  [status({ automatic: false }), 3, "mail.status.byHand open"],
])("status %# line %d _says %s", (value, line, expected) => {
  expect(said(value)[line]).toBe(expected);
});
