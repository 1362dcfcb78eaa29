import { createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { CallError } from "../../ipc/door";
import { ScriptedDoor, account, first, open, press, second, subjects, usePage } from "./mailView.test-data";
import { makeAccount } from "./samples.test-data";

usePage();

const option = (name: RegExp) => screen.getByRole("option", { name });
const copying = { ctrlKey: true, shiftKey: true };

function doorWith(copy: () => unknown): ScriptedDoor {
  const door = new ScriptedDoor();
  door.replies.message_copy = copy;
  door.replies.undo_run = () => ({});
  return door;
}

/** Chooses the archive in the sheet that asks for the folder. */
async function chooseArchive() {
  const sheet = await screen.findByRole("dialog", { name: "Copy to" });
  fireEvent.click(within(sheet).getByRole("button", { name: "Archive" }));
}

test("copied_message_stays_open_and_the_copy_is_undone_by_the_notice", async () => {
  const door = doorWith(() => ({ undo: 9 }));
  open(door);
  fireEvent.click(await screen.findByText("First"));
  await screen.findByText("Hello");
  fireEvent.click(screen.getByRole("button", { name: "Copy to a folder" }));
  await chooseArchive();
  expect(await screen.findByText("Copied to Archive")).toBeDefined();
  expect(door.asked("message_copy")).toEqual([{ ids: [1], folder: "Archive", from: { INBOX: [1] } }]);
  expect(subjects()).toHaveLength(2);
  expect(option(/First/).getAttribute("aria-selected")).toBe("true");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(door.asked("undo_run")).toEqual([{ id: 9 }]));
});

test("chosen_rows_are_copied_by_key_and_stay_chosen", async () => {
  const door = doorWith(() => ({ undo: 9 }));
  open(door);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(option(/Second/), { ctrlKey: true });
  press("Y", copying);
  await chooseArchive();
  expect(await screen.findByText("2 copied to Archive")).toBeDefined();
  expect(door.asked("message_copy")).toEqual([{ ids: [1, 2], folder: "Archive", from: { INBOX: [1, 2] } }]);
  expect(screen.getAllByRole("option", { selected: true })).toHaveLength(2);
});

test("copy_offers_neither_the_trash_nor_the_own_folder", async () => {
  open(doorWith(() => ({ undo: 9 })));
  fireEvent.click(await screen.findByText("First"));
  press("Y", copying);
  const sheet = await screen.findByRole("dialog", { name: "Copy to" });
  const folders = within(within(sheet).getByRole("list")).getAllByRole("button");
  expect(folders.map(({ textContent }) => textContent)).toEqual(["Archive"]);
  fireEvent.change(within(sheet).getByRole("textbox"), { target: { value: "xyz" } });
  expect(within(sheet).getByText("No folder has this in its name.")).toBeDefined();
});

test("copy_of_what_is_there_already_says_so_and_offers_no_undo", async () => {
  open(doorWith(() => ({ undo: null })));
  fireEvent.click(await screen.findByText("First"));
  press("Y", copying);
  await chooseArchive();
  expect(await screen.findByText("It is in Archive already")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});

test("copy_that_was_refused_says_why", async () => {
  const door = doorWith(() => {
    throw new CallError({ code: "permission_denied", fixer: "administrator", params: {}, detail: "" });
  });
  open(door);
  fireEvent.click(await screen.findByText("First"));
  press("Y", copying);
  await chooseArchive();
  expect(await screen.findByText(/permission|allow/i)).toBeDefined();
  expect(subjects()).toHaveLength(2);
});

test("rows_of_several_accounts_have_no_folder_in_common_to_copy_to", async () => {
  const door = doorWith(() => ({ undo: 9 }));
  const rows = [first, { ...second, account: "jan@example.com" }];
  door.replies.message_list = () => ({ messages: rows, cursor: null });
  open(door, [account, makeAccount({ id: 2, address: "jan@example.com", name: "Jan" })]);
  fireEvent.click(await screen.findByText("First"));
  fireEvent.click(option(/Second/), { ctrlKey: true });
  press("Y", copying);
  const sheet = await screen.findByRole("dialog", { name: "Copy to" });
  expect(within(sheet).getByText(/select those of one account/)).toBeDefined();
  expect(within(sheet).queryByRole("textbox")).toBeNull();
});

test("rows_dropped_with_control_held_are_copied", async () => {
  const door = doorWith(() => ({ undo: 9 }));
  open(door);
  await screen.findByText("First");
  const dataTransfer = {
    types: ["application/x-mailroom-messages"],
    setData: vi.fn<() => void>(),
    setDragImage: vi.fn<() => void>(),
    dropEffect: "none",
    effectAllowed: "",
  };
  fireEvent.dragStart(option(/First/), { dataTransfer });
  expect(dataTransfer.effectAllowed).toBe("copyMove");
  const folder = within(screen.getByRole("navigation")).getByRole("button", { name: "Archive" });
  fireEvent.dragOver(folder, { dataTransfer });
  expect(dataTransfer.dropEffect).toBe("move");
  const over = createEvent.dragOver(folder, { dataTransfer });
  // The test's page makes events of dragging without the keys that are held.
  Object.defineProperty(over, "ctrlKey", { value: true });
  fireEvent(folder, over);
  expect(dataTransfer.dropEffect).toBe("copy");
  fireEvent.drop(folder, { dataTransfer });
  expect(await screen.findByText("Copied to Archive")).toBeDefined();
  expect(door.asked("message_copy")).toEqual([{ ids: [1], folder: "Archive", from: { INBOX: [1] } }]);
  expect(door.asked("message_move")).toEqual([]);
  expect(subjects()).toHaveLength(2);
});
