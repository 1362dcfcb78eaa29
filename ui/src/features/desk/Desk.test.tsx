import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { browserHost } from "../../ipc/browserHost";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { AccountView, EventView, ExpiryView, WireError } from "../../ipc/contract";
import type { Door } from "../../ipc/door";
import type { Desk as DeskShown, DeskEvent, Host, Notice } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { CommandProvider } from "../../shared/commands/CommandProvider";
import { NoticeProvider } from "../../shared/notices/NoticeProvider";
import { GoProvider } from "../../shared/place";
import type { Destination } from "../../shared/place";
import { DEFAULTS } from "../../shared/settings/settings";
import { ComposeProvider } from "../compose";
import { useDeskLink } from "../mail/deskLink";
import { makeAccount, makeFolder, makeMessage, makeRow } from "../mail/samples.test-data";
import { Desk } from "./Desk";

const account = makeAccount();
const { address } = account;

function nothing(): void {}

/** A desktop that remembers what it was told, around a core that answers what is needed. */
function makeDesk(settings = DEFAULTS, restored: WireError | null = null, expiries: ExpiryView[] = []) {
  const shown: DeskShown[] = [];
  const notices: Notice[] = [];
  const withdrawn: string[] = [];
  const went: Destination[] = [];
  const asked: string[] = [];
  let tell: (event: EventView) => void = nothing;
  let ask: (event: DeskEvent) => void | Promise<void> = nothing;
  const read = new Set<number>();
  const door: Door = {
    call: async (name, payload) => {
      asked.push(name);
      const replies: Record<string, () => unknown> = {
        settings_get: () => settings,
        folder_list: () => [makeFolder({ role: "inbox", unread: 3 })],
        draft_list: () => [],
        status_get: () => ({
          expiries,
          accounts: [],
          store_bytes: 0,
          store_unsound: false,
          store_restored: restored,
        }),
        sync_run: () => [],
        message_show: () => {
          const { id } = payload as { id: number };
          return makeMessage({ row: makeRow({ id, flags: read.has(id) ? ["\\Seen"] : [] }) });
        },
      };
      return (replies[name]?.() ?? []) as never;
    },
    listen: (handler) => {
      const before = tell;
      tell = (event) => {
        before(event);
        handler(event);
      };
      return () => {};
    },
    openExternal: async () => {},
    saveDownload: async () => ({ path: "", bytes: 0 }),
  };
  const host: Host = {
    ...browserHost(),
    setDesk: async (desk) => {
      shown.push(desk);
      return { trayShown: true };
    },
    notify: async (notice) => void notices.push(notice),
    withdraw: async (tag) => void withdrawn.push(tag),
    listen: (handler) => {
      ask = handler;
      return () => {};
    },
  };
  const page = (accounts: readonly AccountView[]) => (
    <DoorProvider door={door}>
      <HostProvider host={host}>
        <QueryClientProvider client={client}>
          <Translations locale="en">
            <CommandProvider>
              <NoticeProvider>
                <ComposeProvider>
                  <GoProvider go={(to) => void went.push(to)}>
                    <Desk accounts={accounts}>
                      <Asked />
                    </Desk>
                  </GoProvider>
                </ComposeProvider>
              </NoticeProvider>
            </CommandProvider>
          </Translations>
        </QueryClientProvider>
      </HostProvider>
    </DoorProvider>
  );
  const client = createQueryClient();
  const { rerender } = render(page([account]));
  return {
    shown,
    notices,
    withdrawn,
    went,
    asked,
    read,
    tell: (event: EventView) => act(() => tell(event)),
    ask: (event: DeskEvent) => act(async () => ask(event)),
    become: (accounts: readonly AccountView[]) => rerender(page(accounts)),
  };
}

function Asked() {
  const { request } = useDeskLink();
  return <p>{request === null ? "nothing" : JSON.stringify(request)}</p>;
}

const arrived = (id: number): EventView => ({
  event: "messages_arrived",
  address,
  folder: "INBOX",
  role: "inbox",
  messages: [{ id, from: "Ewa", subject: "Lunch" }],
  count: 1,
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("restored_database_is_told_with_the_way_to_its_page", async () => {
  const params = { backup_at: 1_795_341_600_000, path: "/home/anna/aside.db" };
  const desk = makeDesk(DEFAULTS, { code: "store_restored", fixer: "you", params, detail: "" });
  expect(await screen.findByText(/could not be read and was restored from a backup/u)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Details" }));
  expect(desk.went).toEqual([{ kind: "settings", page: "storage" }]);
});

test("tray_tells_what_is_unread", async () => {
  const desk = makeDesk();
  await waitFor(() =>
    expect(desk.shown.at(-1)).toMatchObject({ unread: 3, tooltip: "Mailroom: 3 unread", closeToTray: false }),
  );
});

test("tray_tells_which_account_needs_something_until_it_does_not", async () => {
  const desk = makeDesk();
  await waitFor(() => expect(desk.shown.length).toBeGreaterThan(0));
  desk.become([{ ...account, condition: "retrying" }]);
  await waitFor(() => expect(desk.shown.at(-1)?.tooltip).toMatch(/^Mailroom: 3 unread\. .*does not work/iu));
  desk.become([account]);
  await waitFor(() => expect(desk.shown.at(-1)?.tooltip).toBe("Mailroom: 3 unread"));
});

test("arrival_is_announced_once_for_the_account_and_taken_back_when_it_is_read", async () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  const desk = makeDesk();
  await waitFor(() => expect(desk.shown.length).toBeGreaterThan(0));
  desk.tell(arrived(1));
  expect(desk.notices).toEqual([
    { tag: `arrived ${address}`, account: address, message: 1, title: "Ewa", body: "Lunch" },
  ]);
  desk.tell(arrived(2));
  expect(desk.notices.at(-1)).toMatchObject({
    tag: `arrived ${address}`,
    title: `2 new messages for ${address}`,
    body: "Ewa: Lunch\nEwa: Lunch",
  });
  desk.read.add(1).add(2);
  desk.tell({
    event: "folder_synced",
    address,
    folder: "INBOX",
    added: 0,
    changed: 2,
    removed: 0,
    error: null,
  });
  await waitFor(() => expect(desk.withdrawn).toContain(`arrived ${address}`));
});

test("notification_without_its_content_names_nobody", async () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  const desk = makeDesk({ ...DEFAULTS, notify_content: false });
  await waitFor(() => expect(desk.shown.length).toBeGreaterThan(0));
  desk.tell(arrived(1));
  expect(desk.notices[0]).toMatchObject({ title: "1 new message", body: address });
});

test("account_that_needs_a_sign_in_is_announced_once", async () => {
  const desk = makeDesk();
  await waitFor(() => expect(desk.shown.length).toBeGreaterThan(0));
  const needs = { ...account, state: "sign-in-needed", condition: "needs-you" };
  desk.become([needs]);
  desk.become([{ ...needs }]);
  expect(desk.notices.map(({ title }) => title)).toEqual([`${address}: sign in again`]);
});

test("account_that_was_approved_is_announced_as_that", async () => {
  const desk = makeDesk();
  await waitFor(() => expect(desk.shown.length).toBeGreaterThan(0));
  const approval = { granted_at: null } as AccountView["approval"];
  const waits = { ...account, state: "waiting-approval", condition: "needs-administrator", approval };
  const error = { code: "oauth_approval_granted", fixer: "you", params: {}, detail: "" } as const;
  const granted = { granted_at: 1 } as AccountView["approval"];
  desk.become([waits]);
  desk.become([{ ...waits, state: "sign-in-needed", condition: "needs-you", approval: granted, error }]);
  expect(desk.notices.map(({ title, body }) => [title, body])).toEqual([
    [`${address}: approved, sign in to finish`, "An administrator has allowed Mailroom."],
  ]);
});

test("end_that_is_near_is_announced_once_and_noted", async () => {
  const expiry: ExpiryView = {
    key: "grant a",
    what: "grant",
    subject: address,
    at: 0,
    days_left: 7,
    fixer: "you",
    accounts: [address],
    url: null,
    is_near: true,
    is_due: true,
  };
  const desk = makeDesk(DEFAULTS, null, [expiry, { ...expiry, key: "grant b", is_due: false }]);
  await waitFor(() => expect(desk.asked).toContain("expiry_told"));
  expect(desk.notices.map(({ tag }) => tag)).toEqual(["expiry grant a"]);
  expect(desk.notices[0]?.title).toContain(address);
});

test("click_on_a_notification_asks_the_mail_for_the_message", async () => {
  const desk = makeDesk();
  await desk.ask({ kind: "open_message", id: 7, account: address });
  expect(desk.went).toEqual([{ kind: "mail", address: null }]);
  expect(await screen.findByText('{"kind":"message","id":7}')).toBeDefined();
});

test("refused_link_is_said_and_check_mail_asks_the_servers", async () => {
  const desk = makeDesk();
  await desk.ask({ kind: "link_refused", code: "oauth_state_mismatch" });
  expect((await screen.findByRole("status")).textContent).not.toBe("");
  await desk.ask({ kind: "check_mail" });
  await waitFor(() => expect(desk.asked).toContain("sync_run"));
});
