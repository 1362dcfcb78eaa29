import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { DoctorReport } from "../../ipc/contract";
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

function buttonAt(place: number): HTMLElement {
  const found = screen.getAllByRole("button")[place];
  if (found === undefined) {
    throw new Error(`there is no button ${place}`);
  }
  return found;
}

const FILE = { path: "/home/anna/backups/mailroom-20261123T100000.db", at: 1_795_341_600_000, bytes: 2000 };

const SOUND = { expiries: [], accounts: [], store_bytes: 0, store_unsound: false, store_restored: null };

/** The status is asked again after whatever may have changed it. */
async function askedAgain(door: FakeDoor, times: number): Promise<void> {
  await waitFor(() => expect(door.asked.filter(({ name }) => name === "status_get")).toHaveLength(times));
  act(() => door.reply("status_get", SOUND));
}

function report(repairs: DoctorReport["repairs"]): DoctorReport {
  const checks = [{ check: "store", passed: true, seen: "sound", error: null }];
  return { version: "1", platform: "linux", home: "/home/anna", repairs, checks, journals: [] };
}

test.each(LOCALES)("damage is said, and mended at a button (%s)", async (locale) => {
  const door = show(locale);
  act(() => {
    door.reply("backup_list", [FILE]);
    door.reply("status_get", { ...SOUND, store_unsound: true });
  });
  expect(await screen.findByRole("alert")).toBeTruthy();
  expect(await screen.findByText(FILE.path)).toBeTruthy();
  fireEvent.click(buttonAt(1));
  await waitFor(() => expect(door.payload("doctor_run")).toEqual({ repair: true }));
  const repairs = [
    { what: "bodies", count: 3, path: null },
    { what: "lost_bodies", count: 21, path: null },
    { what: "waiting_bodies", count: 1, path: null },
    { what: "rows", count: 0, path: null },
    { what: "index", count: 1234, path: null },
    { what: "rebuilt", count: 5, path: "/home/anna/aside.db" },
  ];
  act(() => door.reply("doctor_run", report(repairs)));
  await askedAgain(door, 2);
  expect(await screen.findAllByRole("listitem")).toHaveLength(repairs.length);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText(/aside\.db/u)).toBeTruthy();
});

test("a repair that finds nothing says so, and one that fails says what to do", async () => {
  const door = show();
  act(() => {
    door.reply("backup_list", [FILE]);
    door.reply("status_get", SOUND);
  });
  const button = { name: "Check and repair" };
  fireEvent.click(await screen.findByRole("button", button));
  expect(await screen.findByRole("button", { name: "Checking…" })).toBeTruthy();
  act(() => door.reply("doctor_run", report([])));
  await askedAgain(door, 2);
  expect(await screen.findByText("Everything is in order.")).toBeTruthy();
  fireEvent.click(await screen.findByRole("button", button));
  await screen.findByRole("button", { name: "Checking…" });
  act(() => door.refuse("doctor_run", "store_damaged"));
  await askedAgain(door, 3);
  expect((await screen.findByRole("alert")).textContent).toContain("mailroom doctor --repair");
  fireEvent.click(await screen.findByRole("button", button));
  await screen.findByRole("button", { name: "Checking…" });
  act(() => door.refuse("doctor_run", "disk_full"));
  await askedAgain(door, 4);
  expect(await screen.findByText(/no room left on the disk/u)).toBeTruthy();
});

test.each(LOCALES)("a restored database is told until it was seen (%s)", async (locale) => {
  const door = show(locale);
  const params = { backup_at: 1_795_341_600_000, path: "/home/anna/mailroom-set-aside.db" };
  const restored = { code: "store_restored", fixer: "you", params, detail: "" } as const;
  act(() => {
    door.reply("backup_list", [FILE]);
    door.reply("status_get", { ...SOUND, store_restored: restored });
  });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("/home/anna/mailroom-set-aside.db");
  expect(alert.textContent).toContain("2026");
  fireEvent.click(buttonAt(0));
  await waitFor(() => expect(door.payload("restored_seen")).toEqual({}));
  act(() => door.reply("restored_seen", {}));
  await askedAgain(door, 2);
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("a backup is written when asked, and shown", async () => {
  const door = show();
  act(() => {
    door.reply("backup_list", []);
    door.reply("status_get", {
      expiries: [],
      accounts: [],
      store_bytes: 0,
      store_unsound: false,
      store_restored: null,
    });
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
