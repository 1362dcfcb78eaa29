import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { BackupSection } from "./BackupSection";

afterEach(cleanup);

function show(locale: (typeof LOCALES)[number] = "en") {
  const door = new FakeDoor();
  render(
    <Translations locale={locale}>
      <DoorProvider door={door}>
        <QueryClientProvider client={createQueryClient()}>
          <BackupSection />
        </QueryClientProvider>
      </DoorProvider>
    </Translations>,
  );
  return door;
}

const FILE = { path: "/home/anna/backups/mailroom-20261123T100000.db", at: 1_795_341_600_000, bytes: 2000 };

test.each(LOCALES)("damage is said with what mends it (%s)", async (locale) => {
  const door = show(locale);
  act(() => {
    door.reply("backup_list", [FILE]);
    door.reply("status_get", { accounts: [], store_bytes: 0, store_unsound: true });
  });
  expect((await screen.findByRole("alert")).textContent).toContain("mailroom doctor --repair");
  expect(await screen.findByText(FILE.path)).toBeTruthy();
});

test("a backup is written when asked, and shown", async () => {
  const door = show();
  act(() => {
    door.reply("backup_list", []);
    door.reply("status_get", { accounts: [], store_bytes: 0, store_unsound: false });
  });
  expect(await screen.findByText("There is none yet. One is written after the first change.")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Back up now" }));
  await waitFor(() => expect(door.payload("backup_write")).toEqual({}));
  act(() => door.reply("backup_write", FILE));
  expect(await screen.findByText(FILE.path)).toBeTruthy();
  fireEvent.click(await screen.findByRole("button", { name: "Back up now" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Writing…" })).toBeTruthy());
  act(() => door.refuse("backup_write", "disk_full"));
  expect(await screen.findByText(/no room left on the disk/u)).toBeTruthy();
});
