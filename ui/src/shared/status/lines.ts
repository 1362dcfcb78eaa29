import type { MessageKey } from "../../i18n/messages";
import type { AccountStatus, OperationHealthView, WireError } from "../../ipc/contract";
import { sortedOperations } from "../operations";
import { signFor, signOf } from "./sign";
import type { Sign } from "./sign";

/** One thing that an account does, and how it goes. */
export interface StatusLine {
  what: MessageKey;
  sign: Sign;
  says: MessageKey;
  count?: number;
  /** What waits, or was not done. */
  queue: { says: MessageKey; count: number } | null;
  workedAt: number | null;
  failedAt: number | null;
  error: WireError | null;
  retryAt: number | null;
}

/** What an account does, as its traffic has shown it. */
export function statusLines(status: AccountStatus): StatusLine[] {
  return status.health.flatMap((health) => {
    const what = OPERATIONS[health.operation];
    return what === undefined ? [] : [lineOf(status, health, what)];
  });
}

/** The names of what an account does. */
export const OPERATIONS: Record<string, MessageKey | undefined> = {
  receive: "status.receive",
  push: "status.push",
  send: "status.send",
  flags: "status.flags",
  check: "status.check",
};

function lineOf(status: AccountStatus, health: OperationHealthView, what: MessageKey): StatusLine {
  const needsSignIn = status.account.state === "sign-in-needed" && health.condition === "needs-you";
  const isApproved = signOf(status.account) === "approved";
  const sign = needsSignIn ? (isApproved ? "approved" : "sign-in") : signFor(health.condition);
  return {
    what,
    sign,
    ...wordsOf(status, health, sign),
    queue: queueOf(status, health.operation),
    workedAt: health.worked_at,
    // Whoever signed out knows why nothing comes.
    ...(health.off === "signed-out"
      ? { failedAt: null, error: null }
      : { failedAt: health.failed_at, error: health.error }),
    retryAt: health.retry_at,
  };
}

function wordsOf(
  { account }: AccountStatus,
  { operation, off }: OperationHealthView,
  sign: Sign,
): Pick<StatusLine, "says" | "count"> {
  switch (off) {
    case null:
      return { says: `status.sign.${sign}` };
    case "setup-open":
      return { says: "status.off.setup" };
    case "signed-out":
      return { says: "status.off.signedOut" };
    case "not-offered":
      return operation === "send"
        ? { says: "status.off.receiveOnly" }
        : { says: "status.off.noPush", count: account.interval_min };
    default:
      if (operation === "receive") {
        return { says: "status.off.byHand" };
      }
      return operation === "push" && account.automatic
        ? { says: "status.off.interval", count: account.interval_min }
        : { says: "status.off.chosen" };
  }
}

const told = (says: MessageKey, count: number) => (count === 0 ? null : { says, count });

function queueOf({ outbox, operations }: AccountStatus, operation: string): StatusLine["queue"] {
  if (operation === "flags") {
    const { waiting, refused } = sortedOperations(operations);
    return told("mail.status.refused", refused.length) ?? told("mail.status.waiting", waiting.length);
  }
  if (operation !== "send") {
    return null;
  }
  const failed = outbox.filter(({ state }) => state === "failed" || state === "unknown").length;
  const waiting = outbox.filter(({ state }) => state === "queued" || state === "sending").length;
  return told("mail.status.notSent", failed) ?? told("mail.status.toSend", waiting);
}
