import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { browserHost } from "../../ipc/browserHost";
import { DoorProvider } from "../../ipc/context";
import type { EventView } from "../../ipc/contract";
import { CallError } from "../../ipc/door";
import type { CommandName, Door, PayloadOf } from "../../ipc/door";
import { useEventInvalidation } from "../../ipc/query";
import type { Host } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { CommandProvider } from "../../shared/commands/CommandProvider";
import { NoticeProvider } from "../../shared/notices/NoticeProvider";
import { GoProvider } from "../../shared/place";
import { DEFAULTS } from "../../shared/settings/settings";
import { ComposeProvider } from "../compose";
import { MailView } from "./MailView";
import { makeAccount, makeFolder, makeMessage, makeRow } from "./samples.test-data";

const account = makeAccount({ received_at: 1 });
const folders = [
  makeFolder({ id: 1, path: "INBOX", role: "inbox", unread: 2, synced_at: 1 }),
  makeFolder({ id: 2, path: "Archive", role: "archive", synced_at: 1 }),
  makeFolder({ id: 3, path: "Trash", role: "trash", synced_at: 1 }),
];
const first = makeRow({ id: 1, subject: "First", from_name: "Ewa" });
const second = makeRow({ id: 2, subject: "Second", from_name: "Jan" });

/** A core that answers from `replies` and remembers what it was asked. */
class ScriptedDoor implements Door {
  readonly calls: [CommandName, unknown][] = [];
  readonly opened: string[] = [];
  readonly #handlers = new Set<(event: EventView) => void>();
  replies: Partial<Record<CommandName, (payload: never) => unknown>> = {
    folder_list: () => folders,
    message_list: () => ({ messages: [first, second], cursor: null }),
    message_search: () => ({ messages: [second], complete: false }),
    message_show: ({ id }: { id: number }) =>
      makeMessage({ row: id === 1 ? first : second, subject: id === 1 ? "First" : "Second", text: "Hello" }),
    operation_list: () => [],
    outbox_list: () => [],
    settings_get: () => ({ ...DEFAULTS, threads: false }),
    message_mark: () => ({ undo: null }),
    message_move: () => new Promise(() => {}),
    message_delete: () => ({ undo: null }),
    status_get: () => ({ accounts: [], store_bytes: 0 }),
  };

  async call<K extends CommandName>(name: K, payload: PayloadOf<K>): Promise<never> {
    this.calls.push([name, payload]);
    const reply = this.replies[name];
    if (reply === undefined) {
      throw new Error(`nobody expected ${name}`);
    }
    return (await reply(payload as never)) as never;
  }

  listen(handler: (event: EventView) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  tell(event: EventView): void {
    this.#handlers.forEach((handler) => handler(event));
  }

  async openExternal(url: string): Promise<void> {
    this.opened.push(url);
  }

  async saveDownload(id: number, part: string | undefined, filename: string) {
    return { path: `/downloads/${id}-${part}-${filename}`, bytes: 1 };
  }

  asked(name: CommandName): unknown[] {
    return this.calls.filter(([called]) => called === name).map(([, payload]) => payload);
  }
}

function open(door: ScriptedDoor, accounts = [account], host: Host = browserHost()) {
  render(
    <DoorProvider door={door}>
      <HostProvider host={host}>
        <QueryClientProvider client={createQueryClient()}>
          <Translations locale="en">
            <CommandProvider>
              <NoticeProvider>
                <ComposeProvider>
                  <GoProvider go={() => {}}>
                    <Invalidation />
                    <MailView accounts={accounts} startAt={null} onAddAccount={() => {}} />
                  </GoProvider>
                </ComposeProvider>
              </NoticeProvider>
            </CommandProvider>
          </Translations>
        </QueryClientProvider>
      </HostProvider>
    </DoorProvider>,
  );
}

function Invalidation() {
  useEventInvalidation();
  return null;
}

const press = (key: string, held: { ctrlKey?: boolean; shiftKey?: boolean } = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...held });
const subjects = () => screen.queryAllByRole("option").map((row) => row.textContent);

beforeEach(() => {
  // A list draws what is in sight, and here nothing has a size.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
  vi.stubGlobal("matchMedia", () => ({ addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  HTMLElement.prototype.scrollTo = () => {};
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("view_opened_shows_the_inbox_with_its_unread_count", async () => {
  open(new ScriptedDoor());
  expect(await screen.findByText("First")).toBeDefined();
  const inbox = screen.getByRole("button", { name: /Inbox/ });
  expect(inbox.getAttribute("aria-current")).toBe("page");
  expect(within(inbox).getByText("2 unread")).toBeDefined();
  expect(screen.getByRole("button", { name: /Works: mail was received/ })).toBeDefined();
});

test("message_opened_is_marked_read_once", async () => {
  const door = new ScriptedDoor();
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  await waitFor(() => expect(door.asked("message_mark")).toHaveLength(1));
  expect(door.asked("message_mark")).toEqual([{ ids: [1], add: ["\\Seen"], remove: [] }]);
});

test("archive_key_takes_the_row_at_once_and_opens_the_next", async () => {
  const door = new ScriptedDoor();
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  press("e");
  await waitFor(() => expect(subjects()).toHaveLength(1));
  expect(door.asked("message_move")).toEqual([{ ids: [1], folder: "archive" }]);
  await waitFor(() => expect(door.asked("message_show")).toContainEqual({ id: 2 }));
});

test("change_that_was_refused_comes_back_with_the_reason", async () => {
  const door = new ScriptedDoor();
  door.replies.message_delete = () => {
    throw new CallError({ code: "permission_denied", fixer: "administrator", params: {}, detail: "" });
  };
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  press("#");
  expect(await screen.findByText(/permission|allow/i)).toBeDefined();
  await waitFor(() => expect(subjects()).toHaveLength(2));
});

test("message_in_the_trash_is_deleted_only_after_a_question", async () => {
  const door = new ScriptedDoor();
  door.replies.message_list = () => ({ messages: [{ ...first, folder: "Trash" }], cursor: null });
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  press("Delete");
  const question = await screen.findByRole("alertdialog");
  expect(door.asked("message_delete")).toEqual([]);
  fireEvent.click(within(question).getByRole("button", { name: "Delete for good" }));
  await waitFor(() => expect(door.asked("message_delete")).toEqual([{ ids: [1] }]));
});

test("search_asks_once_the_typing_rests_and_says_that_mail_is_missing", async () => {
  const door = new ScriptedDoor();
  open(door);
  await screen.findByText("First");
  const field = screen.getByRole("searchbox");
  fireEvent.change(field, { target: { value: "sec" } });
  fireEvent.change(field, { target: { value: "second" } });
  expect(await screen.findByText(/something may be missing/)).toBeDefined();
  expect(door.asked("message_search")).toEqual([{ query: "second", address: "ewa@example.com", limit: 500 }]);
});

test("folder_without_mail_says_why", async () => {
  const door = new ScriptedDoor();
  door.replies.message_list = () => ({ messages: [], cursor: null });
  open(door);
  expect(await screen.findByText("No messages")).toBeDefined();
});

test("list_that_cannot_be_read_says_why", async () => {
  const door = new ScriptedDoor();
  door.replies.message_list = () => {
    throw new CallError({ code: "folder_missing", fixer: "you", params: {}, detail: "" });
  };
  open(door);
  expect(await screen.findByRole("alert")).toBeDefined();
});

test("load_is_shown_with_its_numbers", async () => {
  const door = new ScriptedDoor();
  open(door);
  await screen.findByText("First");
  act(() =>
    door.tell({
      event: "sync_progressed",
      address: account.address,
      folder: "INBOX",
      messages: 1204,
      messages_total: 4816,
      bytes: 2_000_000,
      bytes_total: 8_000_000,
    }),
  );
  const bar = screen.getByRole("progressbar", { name: "Loading Inbox" });
  expect(bar.getAttribute("aria-valuenow")).toBe("25");
  expect(screen.getByText(/1,204 of 4,816 · 2 MB/)).toBeDefined();
});

test("changes_that_wait_are_counted_and_can_be_opened", async () => {
  const door = new ScriptedDoor();
  door.replies.operation_list = () => [
    {
      id: 5,
      account: account.address,
      folder: "INBOX",
      kind: "move",
      messages: 2,
      state: "waiting",
      attempts: 1,
      error: null,
    },
  ];
  open(door);
  fireEvent.click(await screen.findByRole("button", { name: "Waiting to reach the server: 1" }));
  expect(await screen.findByText("Move 2 messages")).toBeDefined();
});

test("account_that_needs_a_sign_in_offers_it_and_signs_in_with_the_password", async () => {
  const door = new ScriptedDoor();
  door.replies.account_signin = () => account;
  const error = { code: "auth_failed", fixer: "you", params: {}, detail: "" } as const;
  open(door, [{ ...account, state: "sign-in-needed", error }]);
  fireEvent.click(await screen.findByRole("button", { name: "Sign in again" }));
  const sheet = await screen.findByRole("dialog");
  fireEvent.change(within(sheet).getByLabelText("Password"), { target: { value: "new-pw" } });
  fireEvent.click(within(sheet).getByRole("button", { name: "Sign in again" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(door.asked("account_signin")).toEqual([
    { address: account.address, sign_in: { kind: "password", password: "new-pw" } },
  ]);
});

test("attachment_saved_says_where", async () => {
  const door = new ScriptedDoor();
  const attachment = {
    part: "2",
    filename: "a.pdf",
    content_type: "application/pdf",
    size: 1000,
    inline: false,
    content_id: null,
  };
  door.replies.message_show = () => makeMessage({ row: first, attachments: [attachment] });
  open(door);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(await screen.findByRole("button", { name: "Save a.pdf in the Downloads folder" }));
  expect(await screen.findByText("Saved: /downloads/1-2-a.pdf")).toBeDefined();
});

test("pictures_load_only_after_they_are_asked_for", async () => {
  const door = new ScriptedDoor();
  door.replies.message_show = () =>
    makeMessage({ row: first, html: '<img data-remote-src="https://x.test/a.png">' });
  open(door);
  fireEvent.click(await screen.findByText("First"));
  const frame = await screen.findByTitle<HTMLIFrameElement>("Text of the message");
  expect(frame.getAttribute("sandbox")).toBe("allow-same-origin");
  expect(frame.srcdoc).not.toContain(' src="https');
  fireEvent.click(screen.getByRole("button", { name: "Show pictures" }));
  expect(frame.srcdoc).toContain(' src="https://x.test/a.png"');
});
