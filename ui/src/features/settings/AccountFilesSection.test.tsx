import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { browserHost } from "../../ipc/browserHost";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { MailExported } from "../../ipc/contract";
import { CallError } from "../../ipc/door";
import type { ExportWish, Host } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { ACCOUNT, ADDRESS, FOLDERS } from "../setup/testing/samples";
import { AccountFilesSection } from "./AccountFilesSection";
import { exportProgress } from "./transfer";

afterEach(cleanup);

const REPORT: MailExported = {
  target: "/home/anna/Downloads/Mailroom",
  folders: [
    { path: "INBOX", file: "INBOX.mbox", messages: 3, kept: 0, bytes: 10, left: 0 },
    { path: "Sent", file: "Sent.mbox", messages: 2, kept: 0, bytes: 10, left: 0 },
  ],
  missing: [],
  missing_count: 0,
};

function show(host: Host, locale: (typeof LOCALES)[number] = "en") {
  const door = new FakeDoor();
  render(
    <Translations locale={locale}>
      <DoorProvider door={door}>
        <HostProvider host={host}>
          <QueryClientProvider client={createQueryClient()}>
            <AccountFilesSection account={ACCOUNT} />
          </QueryClientProvider>
        </HostProvider>
      </DoorProvider>
    </Translations>,
  );
  return door;
}

const desktop = (exportMail: Host["exportMail"]): Host => {
  const host = browserHost();
  return { ...host, can: { ...host.can, exportMail: true }, exportMail };
};

test.each(LOCALES)("a browser is told the command lines (%s)", (locale) => {
  show(browserHost(), locale);
  expect(screen.getByText(`mailroom export ${ADDRESS} --to mail`)).toBeTruthy();
  expect(screen.getByText(`mailroom import ${ADDRESS} FILE --folder inbox`)).toBeTruthy();
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("an export is started, watched, stopped and reported", async () => {
  const wishes: ExportWish[] = [];
  const ends: ((report: MailExported | CallError) => void)[] = [];
  const door = show(
    desktop((wish) => {
      wishes.push(wish);
      return new Promise((done, fail) => {
        ends.push((end) => (end instanceof CallError ? fail(end) : done(end)));
      });
    }),
  );
  act(() => door.reply("folder_list", FOLDERS));
  fireEvent.change(screen.getByLabelText("Form"), { target: { value: "eml" } });
  fireEvent.click(screen.getByRole("button", { name: "Export to Downloads" }));
  expect(wishes).toEqual([{ address: ADDRESS, format: "eml", folders: [] }]);
  act(() =>
    door.tell({
      event: "transfer_progressed",
      address: ADDRESS,
      folder: "INBOX",
      messages: 1,
      messages_total: 5,
      bytes: 1000,
      bytes_total: 0,
    }),
  );
  expect(screen.getByText(/1 of 5 messages/u)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(door.payload("account_cancel")).toEqual({ address: ADDRESS });
  const cancelled = new CallError({ code: "cancelled", fixer: "you", params: {}, detail: "" });
  await act(async () => ends[0]?.(cancelled));
  expect(screen.queryByRole("alert")).toBeNull();

  fireEvent.click(screen.getByRole("button", { name: "Export to Downloads" }));
  const missing = {
    folder: "INBOX",
    uid: 7,
    subject: "Film",
    error: { code: "connection_lost", fixer: "you", params: {}, detail: "" },
  } as const;
  await act(async () => ends[1]?.({ ...REPORT, missing: [missing], missing_count: 1 }));
  expect(screen.getByText(/5 messages/u).textContent).toContain("/home/anna/Downloads/Mailroom");
  expect(screen.getByRole("alert").textContent).toContain("INBOX: Film");
});

test("progress belongs to its account and never runs past its end", () => {
  const event = {
    event: "transfer_progressed",
    address: ADDRESS,
    folder: "INBOX",
    messages: 9,
    messages_total: 5,
    bytes: 1,
    bytes_total: 0,
  } as const;
  expect(exportProgress(null, event, ADDRESS)).toEqual({ folder: "INBOX", done: 9, all: 9, bytes: 1 });
  expect(exportProgress(null, event, "other@example.com")).toBeNull();
  expect(exportProgress(null, { event: "settings_changed" }, ADDRESS)).toBeNull();
});
