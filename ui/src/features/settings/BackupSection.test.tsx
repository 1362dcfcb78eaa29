import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { BackupSection } from "./BackupSection";

afterEach(cleanup);

const settle = (work: () => void) =>
  act(async () => {
    work();
    await new Promise<void>((resolve) => {
      setTimeout(resolve);
    });
  });

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
  await settle(() => {
    door.reply("backup_list", [FILE]);
    door.reply("status_get", { accounts: [], store_bytes: 0, store_unsound: true });
  });
  expect(screen.getByRole("alert").textContent).toContain("mailroom doctor --repair");
  expect(screen.getByText(FILE.path)).toBeTruthy();
});

test("a backup is written when asked, and shown", async () => {
  const door = show();
  await settle(() => {
    door.reply("backup_list", []);
    door.reply("status_get", { accounts: [], store_bytes: 0, store_unsound: false });
  });
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText("There is none yet. One is written after the first change.")).toBeTruthy();
  await settle(() => {
    fireEvent.click(screen.getByRole("button", { name: "Back up now" }));
  });
  await settle(() => door.reply("backup_write", FILE));
  expect(screen.getByText(FILE.path)).toBeTruthy();
  await settle(() => {
    fireEvent.click(screen.getByRole("button", { name: "Back up now" }));
  });
  await settle(() => door.refuse("backup_write", "disk_full"));
  expect(screen.getByText(/no room left on the disk/u)).toBeTruthy();
});
