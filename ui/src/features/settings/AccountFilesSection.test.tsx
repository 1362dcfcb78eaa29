import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { browserHost } from "../../ipc/browserHost";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { MailExported, MailImported } from "../../ipc/contract";
import { CallError } from "../../ipc/door";
import type { ExportWish, Host, ImportWish } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { ACCOUNT, ADDRESS, FOLDERS } from "../setup/testing/samples";
import { AccountFilesSection } from "./AccountFilesSection";
import { transferProgress } from "./transfer";

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

function show(host: Host, locale: (typeof LOCALES)[number] = "en", folder: string | null = null) {
  const door = new FakeDoor();
  render(
    <Translations locale={locale}>
      <DoorProvider door={door}>
        <HostProvider host={host}>
          <QueryClientProvider client={createQueryClient()}>
            <AccountFilesSection account={ACCOUNT} folder={folder} />
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

const IMPORTED: MailImported = {
  folder: "INBOX",
  imported: 3,
  known: 2,
  deleted: 1,
  waiting: 4,
  refused: [],
  refused_count: 0,
  error: null,
};

/** A desktop whose dialogs the test answers. */
function asking() {
  const wishes: ImportWish[] = [];
  const ends: ((report: MailImported | CallError) => void)[] = [];
  const plain = browserHost();
  const host: Host = {
    ...plain,
    can: { ...plain.can, importMail: true },
    importMail: (wish) => {
      wishes.push(wish);
      return new Promise((done, fail) => {
        ends.push((end) => (end instanceof CallError ? fail(end) : done(end)));
      });
    },
  };
  return { host, wishes, ends };
}

/** What the import says; a line to copy says something as well. */
const told = () => screen.getAllByRole("status").at(-1)?.textContent;

const moved = (messages: number) =>
  ({
    event: "transfer_progressed",
    address: ADDRESS,
    folder: "INBOX",
    messages,
    messages_total: 0,
    bytes: 2000,
    bytes_total: 0,
  }) as const;

test.each(LOCALES)("an import asks for files, is watched, stopped and reported (%s)", async (locale) => {
  const { host, wishes, ends } = asking();
  const door = show(host, locale);
  expect(screen.getAllByRole("button").at(-1)?.hasAttribute("disabled")).toBe(true);
  await act(async () => door.reply("folder_list", FOLDERS));
  const start = screen.getAllByRole("button").at(-1);
  await waitFor(() => expect(start?.hasAttribute("disabled")).toBe(false));
  fireEvent.click(start ?? document.body);
  expect(wishes).toMatchObject([{ address: ADDRESS, folder: "INBOX", wanted: "files" }]);
  expect(wishes[0]?.title).toContain("INBOX");
  act(() => door.tell(moved(7)));
  expect(told()).toContain("7");
  fireEvent.click(screen.getAllByRole("button").at(-1) ?? document.body);
  expect(door.payload("account_cancel")).toEqual({ address: ADDRESS });
  const refused = {
    origin: "Inbox:9",
    subject: "Film",
    error: { code: "message_too_large", fixer: "you", params: {}, detail: "" },
  } as const;
  const error = { code: "cancelled", fixer: "you", params: {}, detail: "" } as const;
  await act(async () => ends[0]?.({ ...IMPORTED, refused: [refused], refused_count: 1, error }));
  for (const number of ["3", "2", "1", "4"]) {
    expect(told()).toContain(number);
  }
  expect(screen.getAllByRole("alert").some((alert) => alert.textContent.includes("Inbox:9: Film"))).toBe(
    true,
  );
});

test("a Maildir is a folder, and a dialog that was closed is no error", async () => {
  const { host, wishes, ends } = asking();
  const door = show(host);
  await act(async () => door.reply("folder_list", FOLDERS));
  await screen.findByRole("option", { name: "Work" });
  fireEvent.change(screen.getByLabelText("What to import"), { target: { value: "maildir" } });
  fireEvent.change(screen.getByLabelText("Into the folder"), { target: { value: "Work" } });
  fireEvent.click(screen.getByRole("button", { name: "Choose a folder…" }));
  expect(wishes).toMatchObject([{ folder: "Work", wanted: "folders" }]);
  expect(screen.getByRole("button", { name: "Importing…" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
  await act(async () =>
    ends[0]?.(new CallError({ code: "cancelled", fixer: "you", params: {}, detail: "" })),
  );
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Choose a folder…" }));
  await act(async () =>
    ends[1]?.(new CallError({ code: "no_mail_found", fixer: "you", params: {}, detail: "" })),
  );
  expect(screen.getByRole("alert").textContent).toContain("no mail");
});

test("a folder that was asked about is chosen for both ways", async () => {
  Element.prototype.scrollIntoView = () => {};
  const { host } = asking();
  const both = { ...host, can: { ...host.can, exportMail: true } };
  const door = show(both, "en", "Work");
  await act(async () => {
    door.reply("folder_list", FOLDERS);
  });
  for (const label of ["Folders", "Into the folder"]) {
    expect(screen.getByLabelText<HTMLSelectElement>(label).value).toBe("Work");
  }
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
  expect(transferProgress(null, event, ADDRESS)).toEqual({ folder: "INBOX", done: 9, all: 9, bytes: 1 });
  expect(transferProgress(null, event, "other@example.com")).toBeNull();
  expect(transferProgress(null, { event: "settings_changed" }, ADDRESS)).toBeNull();
});
