import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { AccountView } from "../../ipc/contract";
import { browserHost } from "../../ipc/browserHost";
import type { Destination } from "../../shared/place";
import { ScriptedDoor, account, open, usePage } from "./mailView.test-data";

usePage();

const { address } = account;

/** The mail view with the menu of the archive open, as the right button and the Menu key open it. */
async function openMenu(
  door: ScriptedDoor,
  go: (to: Destination) => void = () => {},
  part: Partial<AccountView> = {},
) {
  open(door, [{ ...account, ...part }], browserHost(), go);
  const folders = within(screen.getByRole("navigation"));
  const folder = await folders.findByRole("button", { name: "Archive" });
  folder.focus();
  fireEvent.contextMenu(folder);
  return { folder, menu: within(await screen.findByRole("menu", { name: "Menu of Archive" })) };
}

test("menu_of_a_folder_begins_with_opening_it_and_escape_gives_the_focus_back", async () => {
  const { folder, menu } = await openMenu(new ScriptedDoor());
  const items = menu.getAllByRole("menuitem");
  expect(items.map(({ textContent }) => textContent)).toEqual([
    "Open",
    "Check for new mail",
    "New folder…",
    "New subfolder…",
    "Export or import",
    "Synchronisation settings",
  ]);
  await waitFor(() => expect(document.activeElement).toBe(items[0]));
  fireEvent.keyDown(items[0] as HTMLElement, { key: "Escape" });
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(folder));
});

test("folder_is_opened_from_its_menu", async () => {
  const { folder, menu } = await openMenu(new ScriptedDoor());
  fireEvent.click(menu.getByRole("menuitem", { name: "Open" }));
  await waitFor(() => expect(folder.getAttribute("aria-current")).toBe("page"));
  expect(screen.queryByRole("menu")).toBeNull();
});

test("account_of_a_folder_is_looked_at_from_its_menu", async () => {
  const door = new ScriptedDoor();
  door.replies.sync_run = () => [];
  const { menu } = await openMenu(door);
  fireEvent.click(menu.getByRole("menuitem", { name: "Check for new mail" }));
  await waitFor(() => expect(door.asked("sync_run")).toEqual([{ address }]));
});

test.each([
  ["Export or import", { folder: "Archive" }],
  ["Synchronisation settings", { section: "sync" }],
])("%s _leads_to_the_settings_of_the_account", async (name, part) => {
  const go = vi.fn<(to: Destination) => void>();
  const { menu } = await openMenu(new ScriptedDoor(), go);
  fireEvent.click(menu.getByRole("menuitem", { name }));
  await waitFor(() =>
    expect(go).toHaveBeenCalledWith({ kind: "settings", page: "account", address, ...part }),
  );
});

test("menu_of_a_folder_without_a_sign_in_looks_for_no_mail", async () => {
  const { menu } = await openMenu(new ScriptedDoor(), () => {}, { state: "signed-out" });
  expect(menu.queryByRole("menuitem", { name: "Check for new mail" })).toBeNull();
});
