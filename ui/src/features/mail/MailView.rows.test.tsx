import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { MessageRow } from "../../ipc/contract";
import { browserHost } from "../../ipc/browserHost";
import { DEFAULTS } from "../../shared/settings/settings";
import { ScriptedDoor, account, first, open, press, second, subjects, usePage } from "./mailView.test-data";
import { makeAccount, makeFolder, makeMessage, makeRow } from "./samples.test-data";

usePage();

const third = makeRow({ id: 3, subject: "Third", from_name: "Ola" });
const option = (name: RegExp) => screen.getByRole("option", { name });
const chosen = () =>
  screen
    .getAllByRole("option", { selected: true })
    .map((row) => /First|Second|Third/.exec(row.textContent)?.[0]);

function doorWith(rows: MessageRow[]): ScriptedDoor {
  const door = new ScriptedDoor();
  door.replies.message_list = () => ({ messages: rows, cursor: null });
  door.replies.message_move = () => ({ undo: 7 });
  door.replies.message_delete = () => ({ undo: 8 });
  door.replies.undo_run = () => ({});
  return door;
}

test("moved_message_is_undone_by_the_notice_and_comes_back", async () => {
  const door = doorWith([first, second]);
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  door.replies.message_list = () => ({ messages: [second], cursor: null });
  press("e");
  expect(await screen.findByText("Archived")).toBeDefined();
  await waitFor(() => expect(subjects()).toHaveLength(1));
  door.replies.message_list = () => ({ messages: [first, second], cursor: null });
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(door.asked("undo_run")).toEqual([{ id: 7 }]));
  await waitFor(() => expect(chosen()).toEqual(["First"]));
});

test("undo_by_key_takes_back_the_newest_change", async () => {
  const door = doorWith([first, second]);
  open(door);
  fireEvent.click(await screen.findByText("First"));
  press("#");
  await screen.findByText("Deleted");
  press("z", { ctrlKey: true });
  await waitFor(() => expect(door.asked("undo_run")).toEqual([{ id: 8 }]));
});

test("rows_chosen_with_control_and_shift_are_acted_on_together", async () => {
  const door = doorWith([first, second, third]);
  open(door);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(option(/Third/), { ctrlKey: true });
  expect(chosen()).toEqual(["First", "Third"]);
  expect(screen.getAllByText("2 selected").length).toBeGreaterThan(0);
  fireEvent.click(option(/Second/), { shiftKey: true });
  expect(chosen()).toEqual(["Second", "Third"]);
  press("e");
  await waitFor(() =>
    expect(door.asked("message_move")).toEqual([{ ids: [2, 3], folder: "archive", from: { INBOX: [2, 3] } }]),
  );
  expect(await screen.findByText("2 archived")).toBeDefined();
});

test("rows_are_ticked_by_key_and_escape_lets_them_go", async () => {
  open(doorWith([first, second, third]));
  fireEvent.click(await screen.findByText("First"));
  press("x");
  press("j");
  press("j");
  press("x");
  expect(chosen()).toEqual(["First", "Third"]);
  press("Escape");
  expect(screen.queryAllByRole("option", { selected: true })).toEqual([]);
});

test("all_loaded_rows_are_chosen_by_key", async () => {
  open(doorWith([first, second, third]));
  await screen.findByText("First");
  press("a", { ctrlKey: true });
  expect(chosen()).toEqual(["First", "Second", "Third"]);
});

test("focus_goes_to_the_list_when_the_row_leaves", async () => {
  open(doorWith([first, second]));
  fireEvent.click(await screen.findByText("First"));
  const remove = await screen.findByRole("button", { name: "Delete" });
  remove.focus();
  fireEvent.click(remove);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("listbox")));
  expect(screen.getByRole("listbox").getAttribute("aria-activedescendant")).toBe("message-2");
});

test("rows_of_sent_tell_to_whom_they_went", async () => {
  const part = { folder: "Sent", from_name: "Ewa", from_address: "ewa@example.com" };
  const door = doorWith([
    makeRow({ ...part, id: 1, subject: "First", to: ["Anna Lis", "bob@example.com"] }),
    makeRow({ ...part, id: 2, subject: "Second", to: [] }),
    makeRow({
      ...part,
      id: 3,
      thread_id: 50,
      subject: "Third",
      thread: { messages: 2, unread: 1, senders: ["Ewa", "Ola"], recipients: ["Ewa"], ids: [3, 4] },
    }),
  ]);
  door.replies.folder_list = () => [
    makeFolder({ id: 1, path: "INBOX", role: "inbox" }),
    makeFolder({ id: 2, path: "Sent", role: "sent" }),
  ];
  open(door);
  expect(await screen.findByRole("option", { name: /To: Anna, bob.*First/ })).toBeDefined();
  expect(option(/\(no recipients\).*Second/)).toBeDefined();
  expect(option(/To: Ewa.*Third/)).toBeDefined();
});

test("found_message_of_ones_own_tells_to_whom_it_went", async () => {
  const door = new ScriptedDoor();
  door.replies.message_search = () => ({
    messages: [
      makeRow({ id: 1, folder: "Archive", subject: "First", from_address: "EWA@example.com", to: ["Anna"] }),
    ],
    complete: true,
  });
  open(door);
  fireEvent.change(await screen.findByRole("searchbox"), { target: { value: "first" } });
  expect(await screen.findByRole("option", { name: /To: Anna.*First/ })).toBeDefined();
});

test("thread_row_names_its_writers_and_is_acted_on_as_a_whole", async () => {
  const thread = makeRow({
    id: 9,
    thread_id: 50,
    subject: "Third",
    thread: { messages: 3, unread: 1, senders: ["Ewa Lis", "Jan Nowak"], recipients: [], ids: [9, 8, 7] },
  });
  const door = doorWith([thread]);
  door.replies.settings_get = () => DEFAULTS;
  door.replies.thread_show = () => [
    makeRow({ id: 7, preview: "oldest", flags: ["\\Seen"] }),
    makeRow({
      id: 8,
      preview: "middle",
      flags: ["\\Seen"],
      folder: "Sent",
      from_address: account.address,
      to: ["Jan Nowak"],
    }),
    makeRow({ id: 9, preview: "newest" }),
  ];
  door.replies.message_show = ({ id }: { id: number }) =>
    makeMessage({ row: makeRow({ id, flags: id === 9 ? [] : ["\\Seen"] }), text: `Text ${id}` });
  open(door);
  expect(await screen.findByText("Ewa, Jan")).toBeDefined();
  expect(door.asked("message_list")).toContainEqual(expect.objectContaining({ threads: true }));
  fireEvent.click(screen.getByText("Ewa, Jan"));
  expect(await screen.findByText("Text 9")).toBeDefined();
  expect(screen.queryByText("Text 7")).toBeNull();
  expect(screen.getByRole("button", { name: /^Piotr To: Jan Nowak.*middle/ })).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: /oldest/ }));
  expect(await screen.findByText("Text 7")).toBeDefined();
  await waitFor(() =>
    expect(door.asked("message_mark")).toEqual([{ ids: [9], add: ["\\Seen"], remove: [] }]),
  );
  press("e");
  await waitFor(() =>
    expect(door.asked("message_move")).toEqual([
      { ids: [9, 8, 7], folder: "archive", from: { INBOX: [9, 8, 7] } },
    ]),
  );
});

test("rows_dropped_on_a_folder_move_there", async () => {
  const door = doorWith([first, second]);
  open(door);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(option(/Second/), { ctrlKey: true });
  const dataTransfer = {
    types: ["application/x-mailroom-messages"],
    setData: vi.fn<() => void>(),
    setDragImage: vi.fn<() => void>(),
    dropEffect: "none",
    effectAllowed: "",
  };
  fireEvent.dragStart(option(/First/), { dataTransfer });
  const folder = within(screen.getByRole("navigation")).getByRole("button", { name: "Archive" });
  fireEvent.dragOver(folder, { dataTransfer });
  expect(dataTransfer.dropEffect).toBe("move");
  fireEvent.drop(folder, { dataTransfer });
  await waitFor(() =>
    expect(door.asked("message_move")).toEqual([{ ids: [1, 2], folder: "Archive", from: { INBOX: [1, 2] } }]),
  );
  expect(await screen.findByText("2 moved to Archive")).toBeDefined();
});

test("rows_let_go_over_another_account_stay_and_it_is_said", async () => {
  const door = doorWith([first]);
  open(door, [account, makeAccount({ id: 2, address: "jan@example.com", name: "Jan" })]);
  await screen.findByText("First");
  const dataTransfer = {
    types: ["application/x-mailroom-messages"],
    setData: vi.fn<() => void>(),
    setDragImage: vi.fn<() => void>(),
    dropEffect: "none",
    effectAllowed: "",
  };
  fireEvent.dragStart(option(/First/), { dataTransfer });
  const other = screen.getByRole("region", { name: "jan@example.com" });
  const archive = await within(other).findByRole("button", { name: "Archive" });
  fireEvent.dragOver(archive, { dataTransfer });
  fireEvent.dragLeave(archive, { dataTransfer });
  fireEvent.dragEnd(option(/First/), { dataTransfer });
  expect(await screen.findByText("Messages cannot be moved or copied to another account.")).toBeDefined();
  expect(door.asked("message_move")).toEqual([]);
});

test("only_the_top_is_asked_for_again_when_something_changes", async () => {
  const door = doorWith([first, second]);
  open(door);
  await screen.findByText("First");
  const before = door.asked("message_list").length;
  door.replies.message_list = () => ({ messages: [third, first, second], cursor: null });
  act(() =>
    door.tell({
      event: "folder_synced",
      address: account.address,
      folder: "INBOX",
      added: 1,
      changed: 0,
      removed: 0,
      error: null,
    }),
  );
  expect(await screen.findByText("Third")).toBeDefined();
  expect(door.asked("message_list")).toHaveLength(before + 1);
});

test("escape_gives_back_the_folder_with_what_was_read", async () => {
  const door = doorWith([first, second]);
  open(door);
  fireEvent.click(await screen.findByText("Second"));
  const field = screen.getByRole("searchbox");
  field.focus();
  fireEvent.change(field, { target: { value: "sec" } });
  await screen.findByText(/1 message found/);
  press("Escape");
  await waitFor(() => expect(subjects()).toHaveLength(2));
  expect(chosen()).toEqual(["Second"]);
});

test("operator_that_is_pressed_is_put_into_the_search", async () => {
  const door = new ScriptedDoor();
  open(door);
  await screen.findByText("First");
  const field = screen.getByRole<HTMLInputElement>("searchbox");
  act(() => field.focus());
  fireEvent.click(await screen.findByRole("button", { name: /is:unread/ }));
  expect(field.value).toBe("is:unread ");
  await waitFor(() =>
    expect(door.asked("message_search")).toContainEqual(expect.objectContaining({ query: "is:unread" })),
  );
});

test("pictures_of_a_sender_can_be_allowed_for_good", async () => {
  const door = doorWith([first]);
  door.replies.sender_allow = () => ({});
  door.replies.message_show = () =>
    makeMessage({ row: first, html: '<img data-remote-src="https://x.test/a.png">' });
  open(door);
  fireEvent.click(await screen.findByText("First"));
  const always = await screen.findByRole("button", { name: "Always from piotr@example.com" });
  door.replies.message_show = () =>
    makeMessage({
      row: first,
      html: '<img data-remote-src="https://x.test/a.png">',
      pictures_allowed: true,
    });
  fireEvent.click(always);
  await waitFor(() => expect(door.asked("sender_allow")).toEqual([{ address: "piotr@example.com" }]));
  await waitFor(() =>
    expect(screen.getByTitle<HTMLIFrameElement>("Text of the message").srcdoc).toContain(
      ' src="https://x.test/a.png"',
    ),
  );
});

test("attachment_that_could_run_is_not_opened_and_it_is_said", async () => {
  const door = doorWith([first]);
  const attachment = {
    part: "2",
    filename: "setup.exe",
    content_type: "application/octet-stream",
    size: 1000,
    inline: false,
    content_id: null,
    left: false,
  };
  door.replies.message_show = () => makeMessage({ row: first, attachments: [attachment] });
  const usual = browserHost();
  const host = {
    ...usual,
    can: { ...usual.can, openAttachment: true },
    openAttachment: async () => "refused" as const,
  };
  open(door, [account], host);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(await screen.findByRole("button", { name: "Open setup.exe" }));
  expect(await screen.findByText(/can run as a program/)).toBeDefined();
});

test("account_whose_setup_is_not_done_offers_to_finish_it", async () => {
  const go = vi.fn<() => void>();
  const door = doorWith([first]);
  door.replies.folder_list = () => [makeFolder({ path: "INBOX", role: "inbox" })];
  open(door, [{ ...account, setup_done: false }], browserHost(), go);
  fireEvent.click(await screen.findByRole("button", { name: "Finish setup" }));
  expect(go).toHaveBeenCalledWith({ kind: "setup", resume: account.address });
});
