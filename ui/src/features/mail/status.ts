import type { AccountStatus } from "../../ipc/contract";
import type { MessageKey } from "../../i18n/messages";

/** One thing that an account does, and how it goes. */
export interface StatusLine {
  what: MessageKey;
  says: MessageKey;
  sign: "good" | "bad" | "open";
  /** When it was last seen to work. */
  at?: number | null;
  count?: number;
}

/** What an account does, as its traffic has shown it. */
export function statusLines(status: AccountStatus): StatusLine[] {
  return [receiving(status), sending(status), changes(status), announcing(status)];
}

function receiving({ account }: AccountStatus): StatusLine {
  const what = "mail.status.receiving";
  const at = account.received_at;
  if (account.state === "sign-in-needed" || account.error !== null) {
    return { what, sign: "bad", says: at === null ? "mail.status.failed" : "mail.status.failedSince", at };
  }
  return at === null
    ? { what, sign: "open", says: "mail.status.never" }
    : { what, sign: "good", says: "mail.status.worked", at };
}

function sending({ account, sent_at: at, outbox }: AccountStatus): StatusLine {
  const what = "mail.status.sending";
  if (account.smtp === null) {
    return { what, sign: "open", says: "mail.status.receiveOnly" };
  }
  if (!account.sending) {
    return { what, sign: "open", says: "mail.status.sendingOff" };
  }
  const failed = outbox.filter(({ state }) => state === "failed" || state === "unknown").length;
  if (failed > 0) {
    return { what, sign: "bad", says: "mail.status.notSent", count: failed };
  }
  const waiting = outbox.filter(({ state }) => state === "queued" || state === "sending").length;
  if (waiting > 0) {
    return { what, sign: "open", says: "mail.status.toSend", count: waiting };
  }
  return at === null
    ? { what, sign: "open", says: "mail.status.neverSent" }
    : { what, sign: "good", says: "mail.status.sent", at };
}

function changes({ operations }: AccountStatus): StatusLine {
  const what = "mail.status.changes";
  if (operations.length === 0) {
    return { what, sign: "good", says: "mail.status.allReached" };
  }
  const isRefused = operations.some(({ state }) => state === "refused");
  return {
    what,
    sign: isRefused ? "bad" : "open",
    says: "mail.status.waiting",
    count: operations.length,
  };
}

function announcing(status: AccountStatus): StatusLine {
  const what = "mail.status.news";
  const { account } = status;
  if (!account.automatic) {
    return { what, sign: "open", says: "mail.status.byHand" };
  }
  return {
    what,
    // How it is told says nothing of whether it works just now.
    sign: receiving(status).sign === "bad" ? "open" : "good",
    says: account.push ? "mail.status.push" : "mail.status.interval",
    count: account.interval_min,
  };
}
