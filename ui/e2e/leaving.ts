import type {
  AccountView,
  ApprovalView,
  ExpiryView,
  OperationHealthView,
  OperationView,
  ReceiptLineView,
  RemovalPreview,
  RemovalReceipt,
  StatusView,
} from "../src/ipc/contract";
import type { Visit } from "./kit/browser";
import { ALICE, BOB } from "./kit/office";
import type { Screen } from "./screens";

const DAY = 86_400_000;
const now = Date.now();

/** What Microsoft's directory answers in an organisation that lets programs in only after its administrator. */
const APPROVAL: ApprovalView = {
  since: now - 2 * DAY,
  tried_at: now - DAY / 4,
  granted_at: null,
  service: "microsoft",
  client_id: "0a1b2c3d-0123-4567-89ab-0123456789ab",
  tenant: "9a1b2c3d-0123-4567-89ab-0123456789ab",
  url: "https://login.microsoftonline.com/9a1b2c3d-0123-4567-89ab-0123456789ab/adminconsent?client_id=0a1b2c3d-0123-4567-89ab-0123456789ab",
  returns: true,
  scopes: [
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
    "offline_access",
    "openid",
    "profile",
    "email",
  ],
  aadsts: 90_094,
  error: "access_denied",
};

const error = (code: string, fixer: "you" | "administrator" | "provider", params = {}) => ({
  code,
  fixer,
  params,
  detail: "",
});

const WAITING: Partial<AccountView> = {
  state: "waiting-approval",
  condition: "needs-administrator",
  approval: APPROVAL,
  error: error("oauth_admin_consent_needed", "administrator", { url: APPROVAL.url, aadsts: 90_094 }),
};

const GRANTED: Partial<AccountView> = {
  state: "sign-in-needed",
  condition: "needs-you",
  approval: { ...APPROVAL, granted_at: now },
  error: error("oauth_approval_granted", "you", { address: ALICE }),
};

const expiry = (what: string, subject: string, days: number, part: Partial<ExpiryView> = {}): ExpiryView => ({
  key: `${what} ${subject}`,
  what,
  subject,
  at: now + days * DAY,
  days_left: days,
  fixer: "you",
  accounts: [ALICE],
  url: null,
  is_near: true,
  is_due: false,
  ...part,
});

/** A sign-in that ended, of an account with a password. */
const ENDED: Partial<AccountView> = {
  state: "sign-in-needed",
  condition: "needs-you",
  auth: "password",
  error: error("sign_in_again", "you", { address: ALICE }),
};

const operation = (id: number, part: Partial<OperationView>): OperationView => ({
  id,
  account: ALICE,
  kind: "move",
  folder: "INBOX",
  to_folder: null,
  messages: 1,
  subjects: [],
  state: "waiting",
  attempts: 1,
  error: null,
  ...part,
});

const CHANGES: OperationView[] = [
  operation(1, {
    state: "refused",
    to_folder: "Shared/Office",
    messages: 5,
    subjects: ["Offer 2026/118", "Minutes", "Plan of the week"],
    error: error("permission_denied", "administrator", {
      folder: "Shared/Office",
      reply: "NO [NOPERM] Permission denied",
    }),
  }),
  operation(2, {
    state: "refused",
    kind: "draft",
    folder: "Drafts",
    subjects: ["Re: Offer 2026/118"],
    error: error("message_too_large", "you", { size: 30_000_000, limit: 25_000_000 }),
  }),
  operation(3, { kind: "flags", messages: 2, subjects: ["Minutes", "Colour and plan"] }),
];

const ENDS: ExpiryView[] = [
  expiry("client_secret", "Mailroom", 0, { fixer: "administrator", accounts: [] }),
  expiry("certificate", "imap.example.com:993", 7, { fixer: "provider" }),
  expiry("grant", ALICE, 14),
  expiry("smtp_password", "Microsoft 365", 30, { url: "https://techcommunity.microsoft.com/" }),
];

const PREVIEW: RemovalPreview = {
  address: ALICE,
  auth: "oauth2",
  messages: 1234,
  bytes: 56_000_000,
  operations: [
    {
      id: 1,
      account: ALICE,
      kind: "flags",
      folder: "INBOX",
      to_folder: null,
      messages: 3,
      subjects: [],
      state: "waiting",
      attempts: 1,
      error: null,
    },
  ],
  outbox: [
    {
      id: 1,
      account: ALICE,
      state: "queued",
      subject: "Offer 2026/118",
      to: ["orders@example.com"],
      message_id: "m",
      attempts: 0,
      next_at: null,
      left_over: false,
      error: null,
    },
  ],
  drafts: 2,
  completions: 87,
  has_other: true,
  ends_grant: false,
  grants_page: "https://myapps.microsoft.com",
  older_secrets: true,
  server: "outlook.office365.com",
};

const line = (what: string, part: Partial<ReceiptLineView> = {}): ReceiptLineView => ({
  what,
  whereabouts: "gone",
  count: 2,
  bytes: 0,
  page: null,
  error: null,
  ...part,
});

const RECEIPT: RemovalReceipt = {
  address: ALICE,
  at: now,
  was_resumed: true,
  keeps_mail: false,
  server: "outlook.office365.com",
  messages: 1234,
  bytes: 56_000_000,
  revoked: false,
  revoke_error: null,
  secrets_removed: false,
  complete: false,
  lines: [
    line("grant", { whereabouts: "by_hand", page: "https://myapps.microsoft.com" }),
    line("secrets", { whereabouts: "left", error: error("vault_locked", "you") }),
    line("older_secrets", { whereabouts: "stays", count: 1 }),
    line("registration", { count: 1 }),
    line("messages", { count: 1234, bytes: 56_000_000 }),
    line("words", { count: 1234 }),
    line("operations", { count: 1 }),
    line("outbox", { count: 1 }),
    line("drafts"),
    line("completions", { whereabouts: "stays", count: 87 }),
    line("settings", { count: 1 }),
    line("backups", { count: 7 }),
  ],
};

/** What the page is told from now on; everything else is as the core has it. */
interface Told {
  operations?: OperationView[];
  account?: Partial<AccountView>;
  health?: Partial<OperationHealthView>;
  expiries?: ExpiryView[];
  receipts?: RemovalReceipt[];
}

async function tell(
  { page }: Visit,
  { account = {}, health = {}, expiries = [], receipts = [], operations = [] }: Told,
): Promise<void> {
  const changed = (known: AccountView): AccountView =>
    known.address === ALICE ? { ...known, ...account } : known;
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/call/account_list", async (route) => {
    const response = await route.fetch();
    const accounts = (await response.json()) as AccountView[];
    await route.fulfill({ response, json: accounts.map(changed) });
  });
  await page.route("**/call/status_get", async (route) => {
    const response = await route.fetch();
    const reply = (await response.json()) as StatusView;
    const accounts = reply.accounts.map((status) => ({
      ...status,
      account: changed(status.account),
      health: status.health.map((one) => ({ ...one, ...health })),
    }));
    await route.fulfill({ response, json: { ...reply, accounts, expiries } });
  });
  await page.route("**/call/operation_list", (route) => route.fulfill({ json: operations }));
  await page.route("**/call/removal_preview", (route) => route.fulfill({ json: PREVIEW }));
  await page.route("**/call/removal_receipts", (route) => route.fulfill({ json: receipts }));
  await page.reload();
}

/** Everything about one account, in the settings. */
async function openAccount({ page, word }: Visit): Promise<void> {
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Control+,");
  await page.getByRole("heading", { level: 1, name: word("settings.general") }).waitFor();
  await page.getByRole("navigation").getByText(ALICE).click();
  await page.getByRole("heading", { level: 1, name: ALICE }).waitFor();
}

/** States of an account that no office can be made to have: an organisation that has not agreed, and what ends. */
export const LEAVING: readonly Screen[] = [
  {
    name: "mail of an account that waits for approval",
    open: async (visit) => {
      await tell(visit, { account: WAITING });
      await visit.see("error.oauth_admin_consent_needed.title");
    },
  },
  {
    name: "waiting for approval",
    open: async (visit) => {
      await openAccount(visit);
      await visit.see("approval.letter.title");
    },
  },
  {
    name: "message to the administrator",
    open: async ({ page, word }) => {
      const next = page.getByRole("button", { name: word("approval.try") });
      await next.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "mail of an account that was approved",
    open: async (visit) => {
      await tell(visit, { account: GRANTED });
      await visit.see("approval.finish.help");
    },
  },
  {
    name: "approval that was given",
    open: async (visit) => {
      await openAccount(visit);
      await visit.see("approval.granted");
    },
  },
  {
    name: "what goes with an account",
    open: async (visit) => {
      await visit.press("settings.remove.action");
      await visit.see("settings.remove.lost");
    },
  },
  {
    name: "what goes with an account whose mail stays",
    open: async ({ page, see }) => {
      await page.getByRole("alertdialog").getByRole("checkbox").nth(1).uncheck();
      await see("settings.remove.signOut");
    },
  },
  {
    name: "what ends soon",
    open: async (visit) => {
      await tell(visit, { expiries: ENDS });
      await openStatus(visit);
      await visit.see("expiry.title");
    },
  },
  {
    name: "an account without its sign-in",
    open: async (visit) => {
      await tell(visit, {
        account: { state: "signed-out", condition: "switched-off" },
        health: { condition: "switched-off", off: "signed-out", error: null, failed_at: null },
      });
      await openStatus(visit);
      await visit.see("status.off.signedOut");
    },
  },
  {
    name: "mail of an account without its sign-in",
    open: async (visit) => {
      const again = error("sign_in_again", "you", { address: ALICE });
      await tell(visit, { account: { state: "signed-out", condition: "switched-off", error: again } });
      await visit.see("status.signedOut.help");
    },
  },
  {
    name: "settings of an account without its sign-in",
    open: async (visit) => {
      await openAccount(visit);
      await visit.see("status.signedOut.help");
    },
  },
  {
    name: "signing in again with a password",
    open: async (visit) => {
      await tell(visit, { account: ENDED });
      await visit.press("mail.signIn.do");
      await visit.see("setup.signin.browser.instead");
    },
  },
  {
    name: "signing in again in the browser",
    open: async ({ press, see }) => {
      await press("setup.signin.browser.instead");
      await see("mail.signIn.browser");
    },
  },
  {
    name: "signing in again while the browser is open",
    open: async ({ page, word, see }) => {
      const sheet = page.getByRole("dialog");
      await sheet.getByRole("button", { name: word("mail.signIn.do"), exact: true }).click();
      await see("setup.browser.paste");
    },
  },
  {
    name: "changes that wait and were refused",
    open: async (visit) => {
      const { page, word, press, see } = visit;
      await press("app.cancel");
      await tell(visit, { operations: CHANGES });
      await page.getByRole("button", { name: word("mail.refused.count", { count: 2 }) }).click();
      await see("mail.operation.draft", { count: 1 });
    },
  },
  {
    name: "receipt of a removed account",
    open: async (visit) => {
      await tell(visit, { receipts: [RECEIPT] });
      await visit.see("settings.receipt.resumed");
    },
  },
];

async function openStatus({ page }: Visit): Promise<void> {
  const account = page.getByRole("region", { name: ALICE });
  await account
    .getByRole("button", { name: new RegExp(ALICE, "v") })
    .last()
    .click();
}

/** The wizard after somebody else signed in. */
export const MISMATCH: Screen = {
  name: "another mailbox signed in",
  open: async ({ page, press, see }) => {
    const refusal = error("oauth_wrong_mailbox", "you", { asked: BOB, signed_in: ALICE });
    await page.route("**/call/account_add", (route) => route.fulfill({ status: 422, json: refusal }), {
      times: 1,
    });
    await press("setup.signin.browser.action");
    await see("error.oauth_wrong_mailbox.help");
  },
};
