import type { FolderSummary, JournalEntryView, WireError } from "../src/ipc/contract";
import type { Visit } from "./kit/browser";
import { ALICE } from "./kit/office";
import { openStatus } from "./screens";
import type { Screen } from "./screens";

const HOUR = 3_600_000;
const now = Date.now();

const wire = (code: string, fixer: WireError["fixer"], params: WireError["params"] = {}): WireError => ({
  code,
  fixer,
  params: { host: "imap.example.com", port: 993, ...params },
  detail: "",
});

/** The inbox of alice is told to be so, and `empty` has no mail here; it is opened. */
async function openInbox(
  { page, word }: Visit,
  change: Partial<FolderSummary>,
  isEmpty = false,
): Promise<void> {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/call/folder_list", async (route) => {
    const response = await route.fetch();
    const { address } = route.request().postDataJSON() as { address: string };
    const folders = (await response.json()) as FolderSummary[];
    const inbox = folders.find(({ role }) => role === "inbox");
    if (address === ALICE && inbox !== undefined) {
      Object.assign(inbox, change);
    }
    await route.fulfill({ response, json: folders });
  });
  if (isEmpty) {
    await page.route("**/call/message_list", (route) =>
      route.fulfill({ json: { messages: [], cursor: null } }),
    );
  }
  await page.reload();
  const account = page.getByRole("region", { name: ALICE });
  await account.getByText(word("mail.folder.inbox"), { exact: true }).click();
}

const timeout = wire("connect_timeout", "provider");
const entry = (hoursAgo: number, kind: string, part: Partial<JournalEntryView> = {}): JournalEntryView => ({
  id: 1000 - hoursAgo,
  kind,
  operation: null,
  proof: null,
  server: null,
  host: null,
  port: null,
  count: null,
  error: null,
  times: 1,
  began_at: now - hoursAgo * HOUR,
  ended_at: now - hoursAgo * HOUR,
  ...part,
});

const IMAP = { server: "imap", host: "imap.example.com", port: 993 };

/** Everything that a journal can tell, newest first. */
const WEEK: readonly JournalEntryView[] = [
  entry(1, "tested"),
  entry(2, "test_failed", { proof: "smtp-sign-in", error: wire("auth_failed", "you") }),
  entry(3, "signed_in"),
  entry(4, "approval_granted"),
  entry(20, "approval_awaited"),
  entry(21, "signed_out"),
  entry(22, "sign_in_failed", { error: wire("oauth_admin_consent_needed", "administrator") }),
  entry(30, "quiet", { count: 23 }),
  entry(40, "servers_changed", IMAP),
  entry(50, "recovered", { operation: "receive" }),
  entry(51, "failed", { operation: "receive", error: timeout, times: 14 }),
  entry(60, "woke", { count: 540 }),
  entry(61, "network_changed"),
  entry(62, "network_lost"),
  entry(63, "failed", { operation: "push", error: wire("connection_lost", "provider") }),
  entry(70, "connected", { ...IMAP, times: 4 }),
  entry(71, "added"),
];

/** Opens the journal of alice, which has these entries. */
async function openJournal(visit: Visit, entries: readonly JournalEntryView[]): Promise<void> {
  const { page } = visit;
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/call/journal_get", (route) => route.fulfill({ json: [{ address: ALICE, entries }] }));
  await page.reload();
  await openStatus(visit);
  await visit.press("journal.show");
}

/** States of a folder, and a journal, that no office can be made to have. */
export const RARE: readonly Screen[] = [
  {
    name: "folder of which the server shows a part",
    open: async (visit) => {
      await openInbox(visit, { cut_at: 10_000 });
      await visit.see("mail.folder.cut", { count: 10_000 });
    },
  },
  {
    name: "folder that could not be brought up to date",
    open: async (visit) => {
      await openInbox(visit, { error: wire("server_unavailable", "provider") });
      await visit.page.getByRole("alert").waitFor();
    },
  },
  {
    name: "folder whose mail is not kept",
    open: async (visit) => {
      await openInbox(visit, { chosen: false, messages: 0, unread: 0 }, true);
      await visit.see("mail.empty.notKept.title");
    },
  },
  {
    name: "journal of a bad week",
    open: async (visit) => {
      await openJournal(visit, WEEK);
      await visit.page.getByRole("button", { name: visit.word("journal.copy") }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "journal without entries",
    open: async (visit) => {
      await openJournal(visit, []);
      await visit.see("journal.empty");
    },
  },
];
