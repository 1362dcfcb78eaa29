import type { AccountStatus, AccountView, OperationHealthView } from "../src/ipc/contract";
import type { Visit } from "./kit/browser";
import { ALICE } from "./kit/office";

/** What an account would be told to be on a day that no office can be made to have. */
export interface AccountDay {
  name: string;
  account: Partial<AccountView>;
  health: Record<string, Partial<OperationHealthView>>;
  status?: Partial<AccountStatus>;
}

const HOUR = 3_600_000;
const now = Date.now();
const wire = (code: string, fixer: "you" | "administrator" | "provider", params = {}) => ({
  code,
  fixer,
  params: { host: "imap.example.com", port: 993, ...params },
  detail: "",
});
const failing = (condition: string, error: ReturnType<typeof wire>, retryIn: number | null = null) => ({
  condition,
  error,
  worked_at: now - 3 * HOUR,
  failed_at: now - HOUR / 4,
  retry_at: retryIn === null ? null : now + retryIn,
});
const lost = wire("network_unreachable", "you");
const timeout = wire("connect_timeout", "provider");
const portal = wire("portal_suspected", "you");
const smtpOff = wire("auth_smtp_disabled", "administrator", { host: "smtp.office365.com" });
const ended = wire("sign_in_again", "you", { address: ALICE });
const full = wire("over_quota", "you");
/** An office's week: nothing at night and on Sunday. */
const WEEK = Array.from({ length: 168 }, (_, hour) =>
  hour % 24 > 8 && hour % 24 < 18 && hour < 144 ? ((hour * 7) % 11) + 1 : 0,
);

/** The states of an account that its status page knows, beside those that other screens show. */
export const DAYS: readonly AccountDay[] = [
  {
    name: "slow",
    account: { condition: "slow" },
    health: { receive: { condition: "slow", took_ms: 7200 } },
    status: { arrivals: WEEK, arrived_at: now - HOUR },
  },
  {
    name: "waiting for the network",
    account: { condition: "waiting-for-network", error: lost, retry_at: now + HOUR / 6 },
    health: {
      receive: failing("waiting-for-network", lost, HOUR / 6),
      push: failing("waiting-for-network", lost),
    },
  },
  {
    name: "behind a sign-in page",
    account: { condition: "waiting-for-network", error: portal },
    health: { receive: failing("waiting-for-network", portal) },
  },
  {
    name: "tried again",
    account: { condition: "retrying", error: timeout, retry_at: now + HOUR / 12 },
    health: { receive: failing("retrying", timeout, HOUR / 12), push: failing("retrying", timeout) },
  },
  {
    name: "with a full mailbox",
    account: { condition: "needs-you", error: full },
    health: { receive: failing("needs-you", full) },
  },
  {
    name: "that needs the administrator",
    account: { condition: "needs-administrator" },
    health: { send: failing("needs-administrator", smtpOff) },
  },
  {
    name: "that is silent",
    account: { condition: "working" },
    health: {},
    status: {
      arrivals: WEEK,
      arrived_at: now - 23 * HOUR,
      silence: { since: now - 23 * HOUR, usual_minutes: 12, proved_at: now - HOUR / 2, error: null },
    },
  },
  {
    name: "that is silent and cannot be looked into",
    account: { condition: "working" },
    health: { check: failing("retrying", timeout, HOUR) },
    status: {
      arrivals: WEEK,
      arrived_at: now - 23 * HOUR,
      silence: { since: now - 23 * HOUR, usual_minutes: 12, proved_at: null, error: timeout },
    },
  },
  {
    name: "whose sign-in has ended",
    account: { state: "sign-in-needed", condition: "needs-you", error: ended },
    health: { receive: failing("needs-you", ended), push: failing("needs-you", ended) },
  },
  {
    name: "that was not tried yet",
    account: { state: "unproved", condition: "untried" },
    health: Object.fromEntries(
      ["receive", "push", "send", "flags"].map((operation) => [
        operation,
        { condition: "untried", worked_at: null, failed_at: null, error: null },
      ]),
    ),
    status: { heard_at: null },
  },
  {
    name: "whose setup is not finished",
    account: { condition: "switched-off", setup_done: false },
    health: {
      receive: { condition: "switched-off", off: "setup-open" },
      push: { condition: "switched-off", off: "setup-open" },
    },
  },
  {
    name: "that only receives, every quarter of an hour",
    account: { interval_min: 15, smtp: null, sending: false },
    health: {
      push: { condition: "switched-off", off: "not-offered" },
      send: { condition: "switched-off", off: "not-offered" },
    },
    status: { arrived_at: null, arrivals: WEEK.map(() => 0) },
  },
  {
    name: "that is switched off",
    account: { condition: "switched-off", automatic: false },
    health: {
      receive: { condition: "switched-off", off: "chosen" },
      push: { condition: "switched-off", off: "chosen" },
    },
  },
];

/** From now on the page hears that the first account has such a day; everything else is as the core tells it. */
export async function tell({ page }: Visit, day: AccountDay): Promise<void> {
  const changed = (account: AccountView): AccountView =>
    account.address === ALICE ? { ...account, ...day.account } : account;
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/call/account_list", async (route) => {
    const response = await route.fetch();
    const accounts = (await response.json()) as AccountView[];
    await route.fulfill({ response, json: accounts.map(changed) });
  });
  await page.route("**/call/status_get", async (route) => {
    const response = await route.fetch();
    const reply = (await response.json()) as { accounts: AccountStatus[] };
    const accounts = reply.accounts.map((status) =>
      status.account.address === ALICE
        ? {
            ...status,
            ...day.status,
            account: changed(status.account),
            health: status.health.map((one) => ({ ...one, ...day.health[one.operation] })),
          }
        : status,
    );
    await route.fulfill({ response, json: { ...reply, accounts } });
  });
  await page.reload();
}
