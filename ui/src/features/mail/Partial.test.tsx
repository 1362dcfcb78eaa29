import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { Partial } from "./Partial";

afterEach(cleanup);

const ID = 7;
const BYTES = 40_000_000;

function show(locale: (typeof LOCALES)[number] = "en", isHeaderOnly = false): FakeDoor {
  const door = new FakeDoor();
  render(
    <Translations locale={locale}>
      <DoorProvider door={door}>
        <QueryClientProvider client={createQueryClient()}>
          <Partial id={ID} bytes={BYTES} isHeaderOnly={isHeaderOnly} />
        </QueryClientProvider>
      </DoorProvider>
    </Translations>,
  );
  return door;
}

const progress = (bytes: number, part: string | null = null, id = ID) =>
  ({ event: "download_progressed", id, part, bytes, bytes_total: BYTES }) as const;

test.each(LOCALES)("what is not here is said, and can be fetched (%s)", (locale) => {
  show(locale, true);
  const beginning = document.body.textContent;
  expect(beginning).toMatch(/40/u);
  expect(screen.getAllByRole("button")).toHaveLength(1);
  cleanup();
  show(locale);
  expect(document.body.textContent).not.toBe(beginning);
});

test("a download shows how far it is, of this message and not of a part", async () => {
  const door = show();
  fireEvent.click(screen.getByRole("button", { name: "Download message" }));
  await waitFor(() => expect(door.payload("message_download")).toEqual({ id: ID }));
  act(() => door.tell(progress(BYTES / 4)));
  expect(screen.getByRole("status").textContent).toContain("25%");
  act(() => {
    door.tell(progress(BYTES, "2"));
    door.tell(progress(BYTES, null, ID + 1));
  });
  expect(screen.getByRole("status").textContent).toContain("25%");
  act(() => door.tell(progress(2 * BYTES)));
  expect(screen.getByRole("status").textContent).toContain("100%");
  act(() => door.reply("message_download", {}));
  expect(await screen.findByRole("button", { name: "Download message" })).toBeTruthy();
});

test("a download that was given up is no error, one that failed is", async () => {
  const door = show();
  fireEvent.click(screen.getByRole("button", { name: "Download message" }));
  fireEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(door.payload("download_cancel")).toEqual({ id: ID }));
  act(() => door.refuse("message_download", "cancelled"));
  expect(await screen.findByRole("button", { name: "Download message" })).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Download message" }));
  await screen.findByRole("button", { name: "Cancel" });
  act(() => door.refuse("message_download", "connection_lost"));
  expect(await screen.findByRole("alert")).toBeTruthy();
});
