import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { CallError } from "../../ipc/door";
import { ScriptedDoor, account, first, open, press, subjects, usePage } from "./mailView.test-data";
import { makeMessage } from "./samples.test-data";

usePage();

test("view_opened_shows_the_inbox_with_its_unread_count", async () => {
  open(new ScriptedDoor());
  expect(await screen.findByText("First")).toBeDefined();
  const inbox = screen.getByRole("button", { name: /Inbox/ });
  expect(inbox.getAttribute("aria-current")).toBe("page");
  expect(within(inbox).getByText("2 unread")).toBeDefined();
  expect(screen.getByRole("button", { name: /: Works/ })).toBeDefined();
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
  expect(door.asked("message_move")).toEqual([{ ids: [1], folder: "archive", from: { INBOX: [1] } }]);
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
  await waitFor(() => expect(door.asked("message_delete")).toEqual([{ ids: [1], from: { Trash: [1] } }]));
});

test("search_asks_at_once_then_for_the_newest_words_and_says_that_mail_is_missing", async () => {
  const door = new ScriptedDoor();
  open(door);
  await screen.findByText("First");
  const field = screen.getByRole("searchbox");
  for (const value of ["s", "se", "sec", "second"]) {
    fireEvent.change(field, { target: { value } });
  }
  expect(await screen.findByText(/something may be missing/)).toBeDefined();
  // The first letter is on its way when the others come; all rows are asked for when nothing more is typed.
  const address = "ewa@example.com";
  await waitFor(() =>
    expect(door.asked("message_search")).toEqual([
      { query: "s", address, limit: 60 },
      { query: "second", address, limit: 60 },
      { query: "second", address, limit: 500 },
    ]),
  );
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

test.each([
  [
    "approved",
    "Approved: sign in to finish",
    "Finish",
    { state: "sign-in-needed", approval: { granted_at: 1 } },
  ],
  ["signed_out", "Signed out", "Sign in", { state: "signed-out" }],
])("account_that_is_%s_is_no_fault_and_signs_in", async (_, title, action, part) => {
  const error = { code: "sign_in_again", fixer: "you", params: {}, detail: "" } as const;
  open(new ScriptedDoor(), [{ ...account, ...part, error } as typeof account]);
  const note = await screen.findByRole("note");
  expect(within(note).getByText(title)).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.queryByText(/has ended/)).toBeNull();
  fireEvent.click(within(note).getByRole("button", { name: action }));
  expect(await screen.findByRole("dialog", { name: `Sign in to ${account.address}` })).toBeDefined();
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
    left: false,
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
