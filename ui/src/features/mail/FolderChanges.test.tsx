import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { CallError } from "../../ipc/door";
import { ScriptedDoor, account, open, press, usePage } from "./mailView.test-data";
import { makeFolder } from "./samples.test-data";

usePage();

const { address } = account;
const inbox = makeFolder({ id: 1, path: "INBOX", role: "inbox", unread: 2 });
const work = makeFolder({ id: 2, path: "Work", unread: 3 });
const year = makeFolder({ id: 3, path: "Work/2026" });
const trash = makeFolder({ id: 4, path: "Trash", role: "trash" });

let door: ScriptedDoor;
beforeEach(() => {
  door = new ScriptedDoor();
  door.replies.folder_list = () => [inbox, work, year, trash];
});

const button = (name: RegExp | string) =>
  within(screen.getByRole("navigation")).findByRole("button", { name });

/** The menu of a folder, as the right button and the Menu key open it. */
async function menuOf(name: RegExp | string) {
  const folder = await within(screen.getByRole("navigation")).findByRole("button", { name });
  folder.focus();
  fireEvent.contextMenu(folder);
  const menu = within(await screen.findByRole("menu"));
  return {
    folder,
    choose: (entry: string) => fireEvent.click(menu.getByRole("menuitem", { name: entry })),
    menu,
  };
}

const type = (text: string) => fireEvent.change(screen.getByLabelText("Name"), { target: { value: text } });
const sheet = () => within(screen.queryByRole("alertdialog") ?? screen.getByRole("dialog"));

test("folder_is_made_in_another_one_and_the_name_is_checked_as_it_is_typed", async () => {
  door.replies.folder_create = ({ name }: { name: string }) => makeFolder({ id: 9, path: `Work/${name}` });
  open(door);
  const { folder, choose } = await menuOf(/^Work/);
  choose("New subfolder…");
  await screen.findByRole("dialog", { name: "New folder" });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Name")));
  expect((screen.getByLabelText("In") as HTMLSelectElement).value).toBe("Work");
  const create = sheet().getByRole("button", { name: "Create" }) as HTMLButtonElement;
  expect(create.disabled).toBe(true);
  for (const [name, problem] of [
    ["a/b", "This server separates folders with “/”: a name cannot have it."],
    ["2026", "There is a folder of this name already."],
  ] as const) {
    type(name);
    expect(screen.getByText(problem)).toBeDefined();
    expect(create.disabled).toBe(true);
  }
  type(" Żółw ");
  expect(create.disabled).toBe(false);
  fireEvent.click(create);
  await waitFor(() =>
    expect(door.asked("folder_create")).toEqual([{ address, name: "Żółw", parent: "Work" }]),
  );
  await screen.findByText("The folder “Żółw” was created");
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(folder));
});

test("what_the_server_says_against_a_new_folder_is_said_in_the_sheet", async () => {
  door.replies.folder_create = () => {
    throw new CallError({
      code: "folder_refused",
      fixer: "provider",
      params: { reply: "not in this place" },
      detail: "",
    });
  };
  open(door);
  fireEvent.click(await button(`New folder in ${address}`));
  await screen.findByRole("dialog", { name: "New folder" });
  type("New");
  fireEvent.click(sheet().getByRole("button", { name: "Create" }));
  expect((await screen.findByRole("alert")).textContent).toMatch(
    /The server refused to change the folder.*not in this place/s,
  );
  expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("New");
});

test("folder_that_is_shown_is_renamed_by_f2_and_the_list_follows", async () => {
  door.replies.folder_rename = () => {
    door.replies.folder_list = () => [inbox, { ...work, path: "Klienci" }, trash];
    return makeFolder({ id: 2, path: "Klienci" });
  };
  open(door);
  const folder = await button(/^Work/);
  fireEvent.click(folder);
  folder.focus();
  press("F2");
  await screen.findByRole("dialog", { name: "Rename or move folder" });
  const save = sheet().getByRole("button", { name: "Save" }) as HTMLButtonElement;
  expect(save.disabled).toBe(true);
  type("Klienci");
  fireEvent.submit(screen.getByLabelText("Name"));
  await waitFor(() =>
    expect(door.asked("folder_rename")).toEqual([{ address, folder: "Work", name: "Klienci" }]),
  );
  await waitFor(() =>
    expect(door.asked("message_list").at(-1)).toMatchObject({ address, folder: "Klienci" }),
  );
  expect((await button(/^Klienci/)).getAttribute("aria-current")).toBe("page");
});

test("folder_is_moved_to_the_top", async () => {
  door.replies.folder_rename = () => makeFolder({ id: 3, path: "2026" });
  open(door);
  const { choose } = await menuOf("2026");
  choose("Rename or move…");
  await screen.findByRole("dialog");
  const parents = [...(screen.getByLabelText("In") as HTMLSelectElement).options];
  expect(parents.map(({ text }) => text)).toEqual(["The top level", "Inbox", "Trash", "Work"]);
  fireEvent.change(screen.getByLabelText("In"), { target: { value: "" } });
  fireEvent.click(sheet().getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(door.asked("folder_rename")).toEqual([{ address, folder: "Work/2026", parent: "" }]),
  );
});

test("deleted_folder_goes_to_the_trash_and_comes_back_by_undo", async () => {
  door.replies.folder_delete = () => ({ moved_to: "Trash/Work" });
  door.replies.folder_rename = () => work;
  open(door);
  const folder = await button(/^Work/);
  fireEvent.click(folder);
  folder.focus();
  press("Delete");
  await screen.findByRole("alertdialog", { name: "Delete the folder “Work”?" });
  expect(door.asked("message_delete")).toEqual([]);
  expect(sheet().getByText(/1 folder in it goes with it/)).toBeDefined();
  fireEvent.click(sheet().getByRole("button", { name: "Delete" }));
  await screen.findByText("The folder “Work” was moved to the trash");
  expect(door.asked("folder_delete")).toEqual([{ address, folder: "Work" }]);
  expect((await button(/^Inbox/)).getAttribute("aria-current")).toBe("page");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() =>
    expect(door.asked("folder_rename")).toEqual([
      { address, folder: "Trash/Work", name: "Work", parent: "" },
    ]),
  );
});

test("folder_that_cannot_go_to_the_trash_is_asked_about_with_the_number_of_its_messages", async () => {
  door.replies.folder_delete = ({ agreed }: { agreed?: number }) => {
    if (agreed === undefined) {
      throw new CallError({
        code: "folder_not_empty",
        fixer: "you",
        params: { folder: "Work", messages: 12 },
        detail: "",
      });
    }
    return { moved_to: null };
  };
  open(door);
  const { choose } = await menuOf(/^Work/);
  choose("Delete…");
  await screen.findByRole("alertdialog");
  fireEvent.click(sheet().getByRole("button", { name: "Delete" }));
  await screen.findByText(/12 messages would be deleted forever/);
  fireEvent.click(sheet().getByRole("button", { name: "Delete 12 messages forever" }));
  await screen.findByText("The folder “Work” was deleted");
  expect(door.asked("folder_delete")).toEqual([
    { address, folder: "Work" },
    { address, folder: "Work", agreed: 12 },
  ]);
});

test("label_is_deleted_and_its_messages_are_said_to_stay", async () => {
  const all = makeFolder({ id: 5, path: "[Gmail]/All Mail", role: "all", archives: true });
  door.replies.folder_list = () => [inbox, work, trash, all];
  open(door);
  const { folder, choose } = await menuOf(/^Work/);
  choose("Delete…");
  expect(await screen.findByText("Its messages stay in “All mail”.")).toBeDefined();
  fireEvent.click(sheet().getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(document.activeElement).toBe(folder));
  expect(door.asked("folder_delete")).toEqual([]);
});

test("folder_with_a_use_is_neither_renamed_nor_deleted", async () => {
  open(door);
  const { folder, menu } = await menuOf(/^Inbox/);
  for (const entry of ["Rename or move…", "Delete…"]) {
    expect(menu.queryByRole("menuitem", { name: entry })).toBeNull();
  }
  expect(menu.getByRole("menuitem", { name: "New subfolder…" })).toBeDefined();
  await waitFor(() => expect(screen.getByRole("menu").contains(document.activeElement)).toBe(true));
  press("Escape");
  await waitFor(() => expect(document.activeElement).toBe(folder));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  press("F2");
  press("Delete");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(door.asked("message_delete")).toEqual([]);
});

test("folder_is_marked_as_read_and_that_is_undone", async () => {
  door.replies.folder_read = () => ({ undo: 7 });
  door.replies.undo_run = () => ({});
  open(door);
  const { choose } = await menuOf(/^Work/);
  choose("Mark all as read");
  await screen.findByText("Everything in “Work” was marked as read");
  expect(door.asked("folder_read")).toEqual([{ address, folder: "Work" }]);
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(door.asked("undo_run")).toEqual([{ id: 7 }]));
});

test("folders_are_changed_from_the_palette", async () => {
  open(door);
  fireEvent.click(await button(/^Work/));
  press("k", { ctrlKey: true });
  const field = await screen.findByRole("combobox");
  fireEvent.change(field, { target: { value: "folder" } });
  const found = (await screen.findAllByRole("option")).map(({ textContent }) => textContent);
  for (const title of ["New folder…", "New subfolder in Work…", "Rename or move the folder Work…"]) {
    expect(found.some((text) => text?.includes(title))).toBe(true);
  }
  const rename = screen.getAllByRole("option").find((row) => row.textContent?.includes("Rename or move"));
  act(() => fireEvent.click(rename as HTMLElement));
  await screen.findByRole("dialog", { name: "Rename or move folder" });
});
