import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { DraftOpen, DraftView } from "../../ipc/contract";
import { CommandProvider } from "../../shared/commands/CommandProvider";
import { NoticeProvider } from "../../shared/notices/NoticeProvider";
import { ComposeProvider, ComposerPane, OutboxPane, useCompose } from ".";
import { ComposeDoor, QUOTE } from "./testing/composeDoor";

function Window({ from }: { from: DraftOpen }) {
  const { open, isOpen } = useCompose();
  return (
    <>
      <button type="button" onClick={() => open(from)}>
        Open
      </button>
      {isOpen ? <ComposerPane /> : <OutboxPane onFolders={() => undefined} />}
    </>
  );
}

function show(door: ComposeDoor, from: DraftOpen) {
  render(
    <DoorProvider door={door}>
      <QueryClientProvider client={createQueryClient()}>
        <Translations locale="en">
          <CommandProvider>
            <NoticeProvider>
              <ComposeProvider>
                <Window from={from} />
              </ComposeProvider>
            </NoticeProvider>
          </CommandProvider>
        </Translations>
      </QueryClientProvider>
    </DoorProvider>,
  );
  fireEvent.click(screen.getByText("Open"));
}

/** A plain text composer, so that typing is that of a text field. */
async function write(door: ComposeDoor, from: DraftOpen = { kind: "new" }) {
  door.settings.plain_text = true;
  show(door, from);
  await screen.findByLabelText("Subject");
}

const field = (name: "To" | "Cc" | "Bcc") => screen.getByRole<HTMLInputElement>("combobox", { name });
const type = (element: HTMLElement, value: string) => fireEvent.change(element, { target: { value } });
const add = (name: "To" | "Cc" | "Bcc", value: string) => {
  type(field(name), value);
  fireEvent.keyDown(field(name), { key: "," });
};
const send = () => fireEvent.click(screen.getByRole("button", { name: "Send" }));
const lastSave = (door: ComposeDoor) => door.asked("draft_save").at(-1);

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("sender_is_preset_and_the_others_stand_by_account", async () => {
  await write(new ComposeDoor());
  const from = await screen.findByRole<HTMLSelectElement>("combobox", { name: "From" });
  await waitFor(() => expect(from.querySelectorAll("optgroup")).toHaveLength(2));
  expect(from.value).toBe("ewa@example.com");
  expect(within(from).getByText("Office <office@example.com>")).toBeDefined();
});

test("other_sender_brings_the_signature_of_that_one", async () => {
  const door = new ComposeDoor();
  door.given = { signature: "<p>Ewa Lis</p>" };
  await write(door);
  const from = await screen.findByRole<HTMLSelectElement>("combobox", { name: "From" });
  await waitFor(() => expect(from.querySelectorAll("optgroup")).toHaveLength(2));
  expect(screen.getByText(/-- Ewa Lis/)).toBeDefined();
  type(from, "office@example.com");
  expect(screen.getByText(/-- The office/)).toBeDefined();
});

test("people_are_offered_and_taken_by_the_keyboard", async () => {
  const door = new ComposeDoor();
  await write(door);
  type(field("To"), "pa");
  const list = await screen.findByRole("listbox");
  expect(within(list).getAllByRole("option")).toHaveLength(1);
  expect(field("To").getAttribute("aria-activedescendant")).toBe(within(list).getByRole("option").id);
  fireEvent.keyDown(field("To"), { key: "Enter" });
  expect(screen.getByRole("button", { name: "Paweł Nowak" })).toBeDefined();
  expect(screen.queryByRole("listbox")).toBeNull();
  expect(field("To").value).toBe("");
});

test("list_that_is_pasted_becomes_tokens", async () => {
  await write(new ComposeDoor());
  fireEvent.paste(field("To"), {
    clipboardData: { files: [], getData: () => "Nowak, Anna <anna@x.pl>; b@x.pl\nwrong" },
  });
  expect(screen.getByRole("button", { name: "Nowak, Anna" })).toBeDefined();
  expect(screen.getByRole("button", { name: "b@x.pl" })).toBeDefined();
  expect(screen.getByText("There is no @ in “wrong”")).toBeDefined();
  expect(field("To").getAttribute("aria-invalid")).toBe("true");
});

test("comma_with_ctrl_is_a_command_and_ends_no_recipient", async () => {
  await write(new ComposeDoor());
  type(field("To"), "ewa");
  expect(fireEvent.keyDown(field("To"), { key: ",", ctrlKey: true })).toBe(true);
  expect(field("To").value).toBe("ewa");
});

test("token_is_reached_moved_changed_and_removed_by_the_keyboard", async () => {
  const door = new ComposeDoor();
  await write(door);
  add("To", "a@x.pl");
  add("To", "b@x.pl");
  fireEvent.keyDown(field("To"), { key: "Backspace" });
  const token = screen.getByRole("button", { name: "b@x.pl" });
  expect(document.activeElement).toBe(token);
  fireEvent.keyDown(token, { key: "ArrowDown", altKey: true });
  expect(
    within(screen.getByRole("list", { name: "Cc" })).getByRole("button", { name: "b@x.pl" }),
  ).toBeDefined();
  fireEvent.keyDown(screen.getByRole("button", { name: "a@x.pl" }), { key: "Enter" });
  expect(field("To").value).toBe("a@x.pl");
  fireEvent.keyDown(screen.getByRole("button", { name: "b@x.pl" }), { key: "Delete" });
  expect(screen.queryByRole("button", { name: "b@x.pl" })).toBeNull();
});

test("text_is_kept_here_soon_and_put_into_drafts_after_a_rest", async () => {
  const door = new ComposeDoor();
  await write(door);
  vi.useFakeTimers({ now: 1_000_000 });
  type(screen.getByLabelText("Text"), "Hello");
  expect(door.asked("draft_save")).toEqual([]);
  await act(() => vi.advanceTimersByTimeAsync(900));
  expect(lastSave(door)).toMatchObject({ text: "Hello", html: null, upload: false });
  expect(screen.getByText("Saved here")).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(20_000));
  expect(lastSave(door)).toMatchObject({ text: "Hello", upload: true });
  expect(screen.getByText(/In Drafts/)).toBeDefined();
});

test("drafts_folder_out_of_reach_is_said", async () => {
  const door = new ComposeDoor();
  door.isOnline = false;
  await write(door);
  vi.useFakeTimers({ now: 1_000_000 });
  type(screen.getByLabelText("Text"), "Hello");
  await act(() => vi.advanceTimersByTimeAsync(25_000));
  expect(screen.getByText("Not yet in Drafts: the server is not reachable")).toBeDefined();
});

test("failed_save_is_shown_and_tried_again", async () => {
  const door = new ComposeDoor();
  door.failing = { draft_save: "disk_full" };
  await write(door);
  type(screen.getByLabelText("Text"), "Hello");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Not saved");
  door.failing = {};
  fireEvent.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Saved here")).toBeDefined();
});

test("escape_closes_keeps_the_draft_and_undo_opens_it_again", async () => {
  const door = new ComposeDoor();
  await write(door);
  type(screen.getByLabelText("Text"), "Hello");
  fireEvent.keyDown(screen.getByLabelText("Text"), { key: "Escape" });
  expect(await screen.findByText("Saved in Drafts")).toBeDefined();
  expect(screen.queryByLabelText("Text")).toBeNull();
  expect(door.drafts.size).toBe(1);
  await waitFor(() => expect(lastSave(door)).toMatchObject({ text: "Hello", upload: true }));
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect((await screen.findByLabelText<HTMLTextAreaElement>("Text")).value).toBe("Hello");
});

test("draft_in_which_nothing_was_written_goes_when_it_is_closed", async () => {
  const door = new ComposeDoor();
  await write(door);
  fireEvent.click(screen.getByRole("button", { name: "Close and keep as a draft" }));
  await waitFor(() => expect(door.drafts.size).toBe(0));
  expect(screen.queryByText("Saved in Drafts")).toBeNull();
});

test("draft_that_is_on_its_way_says_so_and_can_be_taken_back", async () => {
  const door = new ComposeDoor();
  door.given = { subject: "Offer" };
  await door.call("draft_open", { kind: "new" });
  await door.call("draft_send", { id: 1 });
  show(door, { kind: "draft", id: 1 });
  expect(await screen.findByText("This message is on its way")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Undo sending" }));
  expect((await screen.findByLabelText<HTMLInputElement>("Subject")).value).toBe("Offer");
  expect(door.outbox).toEqual([]);
});

test("draft_that_cannot_be_taken_back_any_more_is_not_offered_again", async () => {
  const door = new ComposeDoor();
  await door.call("draft_open", { kind: "new" });
  await door.call("draft_send", { id: 1 });
  show(door, { kind: "draft", id: 1 });
  const undo = await screen.findByRole("button", { name: "Undo sending" });
  door.failing = { draft_open: "send_under_way" };
  fireEvent.click(undo);
  expect(await screen.findByRole("alert")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Undo sending" })).toBeNull();
});

test("message_without_a_recipient_is_not_sent", async () => {
  const door = new ComposeDoor();
  await write(door);
  type(screen.getByLabelText("Subject"), "Subject");
  send();
  expect((await screen.findByRole("alert")).textContent).toContain("Add somebody to send it to.");
  expect(door.asked("draft_send")).toEqual([]);
});

test("message_without_a_subject_and_with_an_attachment_forgotten_is_asked_about_one_by_one", async () => {
  const door = new ComposeDoor();
  await write(door);
  add("To", "a@x.pl");
  type(screen.getByLabelText("Text"), "Faktura w załączniku");
  send();
  expect(await screen.findByText("Send without a subject?")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Send anyway" }));
  expect(await screen.findByText(/You wrote “załączniku”/)).toBeDefined();
  expect(door.asked("draft_send")).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Send anyway" }));
  await waitFor(() => expect(door.asked("draft_send")).toEqual([{ id: 1 }]));
});

test("reminder_that_is_switched_off_does_not_ask", async () => {
  const door = new ComposeDoor();
  door.settings.attachment_reminder = false;
  await write(door);
  add("To", "a@x.pl");
  type(screen.getByLabelText("Subject"), "Subject");
  type(screen.getByLabelText("Text"), "See the attachment");
  send();
  await waitFor(() => expect(door.asked("draft_send")).toHaveLength(1));
});

test("sent_message_is_saved_first_stands_in_the_outbox_and_can_be_taken_back_whole", async () => {
  const door = new ComposeDoor();
  await write(door);
  // Half typed, without a comma: it counts.
  type(field("To"), "a@x.pl");
  type(screen.getByLabelText("Subject"), "Subject");
  type(screen.getByLabelText("Text"), "Hello");
  fireEvent.keyDown(screen.getByLabelText("Text"), { key: "Enter", ctrlKey: true });
  expect(await screen.findByText("Sending in 10 seconds")).toBeDefined();
  expect(lastSave(door)).toMatchObject({ to: ["a@x.pl"], subject: "Subject", text: "Hello" });
  expect(await screen.findByText("Goes in a few seconds")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect((await screen.findByLabelText<HTMLTextAreaElement>("Text")).value).toBe("Hello");
  expect(screen.getByRole("button", { name: "a@x.pl" })).toBeDefined();
  expect(door.outbox).toEqual([]);
});

test("refused_sending_keeps_everything_and_says_why", async () => {
  const door = new ComposeDoor();
  await write(door);
  add("To", "a@x.pl");
  type(screen.getByLabelText("Subject"), "Subject");
  door.failing = { draft_send: "sending_disabled" };
  send();
  expect(await screen.findByText(/cannot send/)).toBeDefined();
  door.failing = {};
  send();
  await waitFor(() => expect(door.asked("draft_send")).toHaveLength(2));
});

test("answer_has_the_quote_folded_and_its_text_is_saved_with_it", async () => {
  const door = new ComposeDoor();
  door.given = { quote: QUOTE, to: ["piotr@example.com"], subject: "Re: Meeting" };
  await write(door, { kind: "reply", message: 7 });
  expect(document.activeElement).toBe(screen.getByLabelText("Text"));
  expect(screen.queryByText(/Does 11:00 suit you/)).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show the quoted message" }));
  expect(screen.getByText(/> Does 11:00 suit you/)).toBeDefined();
  type(screen.getByLabelText("Text"), "Yes");
  send();
  await waitFor(() => expect(door.asked("draft_send")).toHaveLength(1));
  expect(lastSave(door)?.text).toMatch(/^Yes\n\nOn .* wrote:\n> Does 11:00 suit you\?$/);
});

test("answer_that_is_sent_untouched_still_has_its_quote", async () => {
  const door = new ComposeDoor();
  door.given = { quote: QUOTE, to: ["piotr@example.com"], subject: "Fwd: Meeting" };
  await write(door, { kind: "forward", message: 7 });
  send();
  await waitFor(() => expect(door.asked("draft_send")).toHaveLength(1));
  expect(lastSave(door)?.text).toContain("---------- Forwarded message ----------");
});

test("quote_left_out_is_not_saved", async () => {
  const door = new ComposeDoor();
  door.given = { quote: QUOTE, to: ["piotr@example.com"], subject: "Re: Meeting" };
  await write(door, { kind: "reply", message: 7 });
  fireEvent.click(screen.getByRole("button", { name: "Show the quoted message" }));
  fireEvent.click(screen.getByRole("button", { name: "Leave out the quote" }));
  type(screen.getByLabelText("Text"), "Yes");
  send();
  await waitFor(() => expect(lastSave(door)?.text).toBe("Yes"));
});

test("file_is_attached_listed_and_removed", async () => {
  const door = new ComposeDoor();
  await write(door);
  const picker = document.querySelector<HTMLInputElement>("input[type=file]");
  const files = [new File(["abc"], "a.txt", { type: "text/plain" }), new File(["def"], "a.txt")];
  fireEvent.change(picker as HTMLInputElement, { target: { files } });
  await waitFor(() => expect(screen.getAllByRole("button", { name: "Remove a.txt" })).toHaveLength(2));
  expect(screen.getByText(/2 files/)).toBeDefined();
  expect(door.asked("draft_attach")[0]).toEqual({
    id: 1,
    filename: "a.txt",
    content_type: "text/plain",
    inline: false,
    base64: "YWJj",
  });
  fireEvent.click(screen.getAllByRole("button", { name: "Remove a.txt" })[0] as HTMLElement);
  await waitFor(() => expect(screen.getAllByRole("button", { name: "Remove a.txt" })).toHaveLength(1));
});

test("file_above_the_limit_is_refused_with_both_numbers", async () => {
  const door = new ComposeDoor();
  door.given = { size_limit: 10_000 };
  await write(door);
  const picker = document.querySelector<HTMLInputElement>("input[type=file]");
  fireEvent.change(picker as HTMLInputElement, {
    target: { files: [new File(["x".repeat(9000)], "big.bin")] },
  });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("big.bin (9\u00A0kB) was not attached");
  expect(alert.textContent).toMatch(/would have 15\u00A0kB; the server takes at most 10\u00A0kB/);
  expect(door.asked("draft_attach")).toEqual([]);
});

test("file_that_did_not_get_in_can_be_tried_again", async () => {
  const door = new ComposeDoor();
  await write(door);
  door.failing = { draft_attach: "disk_full" };
  const picker = document.querySelector<HTMLInputElement>("input[type=file]");
  fireEvent.change(picker as HTMLInputElement, { target: { files: [new File(["abc"], "a.txt")] } });
  expect(await screen.findByText("a.txt could not be attached")).toBeDefined();
  door.failing = {};
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: "Remove a.txt" })).toBeDefined();
});

test("files_dragged_over_the_pane_are_announced_and_taken", async () => {
  const door = new ComposeDoor();
  await write(door);
  const text = screen.getByLabelText("Text");
  const file = new File(["abc"], "a.txt");
  const item = { kind: "file", getAsFile: () => file, webkitGetAsEntry: () => ({ isDirectory: false }) };
  const folder = { kind: "file", getAsFile: () => file, webkitGetAsEntry: () => ({ isDirectory: true }) };
  const dataTransfer = { types: ["Files"], items: [item, folder], files: [file], getData: () => "" };
  fireEvent.dragEnter(text, { dataTransfer });
  expect(screen.getByText("Drop files here to attach them")).toBeDefined();
  fireEvent.drop(text, { dataTransfer });
  expect(screen.queryByText("Drop files here to attach them")).toBeNull();
  expect(await screen.findByRole("button", { name: "Remove a.txt" })).toBeDefined();
  expect(screen.getByText(/A folder cannot be attached/)).toBeDefined();
});

test("draft_is_discarded_only_after_a_question", async () => {
  const door = new ComposeDoor();
  await write(door);
  type(screen.getByLabelText("Text"), "Hello");
  fireEvent.click(screen.getByRole("button", { name: "Discard draft" }));
  expect(door.asked("draft_discard")).toEqual([]);
  fireEvent.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Discard" }));
  expect(await screen.findByText("Draft discarded")).toBeDefined();
  expect(door.drafts.size).toBe(0);
});

test("draft_that_cannot_be_opened_says_why_and_can_be_tried_again", async () => {
  const door = new ComposeDoor();
  door.failing = { draft_open: "message_missing" };
  show(door, { kind: "reply", message: 7 });
  expect(await screen.findByText("There is no such message here")).toBeDefined();
  door.failing = {};
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByLabelText("Subject")).toBeDefined();
});

test("formatted_text_is_written_in_the_editor", async () => {
  const door = new ComposeDoor();
  door.given = { html: "<p>Hello <b>you</b></p>", text: "Hello you", to: ["a@x.pl"], subject: "S" };
  show(door, { kind: "message", message: 3 });
  const text = await screen.findByRole("textbox", { name: "Text" });
  expect(text.innerHTML).toContain("<strong>you</strong>");
  expect(screen.getByRole("toolbar", { name: "Formatting" })).toBeDefined();
  // The editor lets no Escape out, and still it closes the pane.
  fireEvent.keyDown(text, { key: "Escape" });
  await waitFor(() => expect(screen.queryByRole("toolbar")).toBeNull());
  fireEvent.click(screen.getByText("Open"));
  await screen.findByRole("textbox", { name: "Text" });
  fireEvent.click(screen.getByRole("button", { name: "Plain text" }));
  expect(await screen.findByText("Change to plain text?")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Change to plain text" }));
  expect((await screen.findByLabelText<HTMLTextAreaElement>("Text")).value).toBe("Hello you");
});

test("message_of_unknown_fate_is_explained_and_removed_without_a_question", async () => {
  const door = new ComposeDoor();
  door.outbox = [
    {
      id: 5,
      account: "ewa@example.com",
      state: "unknown",
      subject: "Offer",
      to: ["a@x.pl"],
      message_id: "1",
      attempts: 1,
      next_at: null,
      left_over: false,
      error: null,
    },
  ];
  show(door, { kind: "draft", id: 99 });
  fireEvent.click(await screen.findByRole("button", { name: "Close" }));
  expect(await screen.findByText(/Sent twice, it arrives twice/)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "It arrived: remove" }));
  await waitFor(() => expect(door.outbox).toEqual([]));
  expect(await screen.findByText("Nothing waits to be sent")).toBeDefined();
});

test("draft_of_the_last_run_is_offered_at_the_start", async () => {
  const door = new ComposeDoor();
  door.left = [
    { id: 9, account: "ewa@example.com", to: [], subject: "Half", saved_at: 1, message: null },
    { id: 8, account: "ewa@example.com", to: [], subject: "In Drafts", saved_at: 1, message: 4 },
  ];
  await door.call("draft_open", { kind: "new" });
  const draft = [...door.drafts.values()][0];
  if (draft !== undefined) {
    door.drafts.set(9, { ...draft, id: 9, text: "Half a text", subject: "Half" });
  }
  door.failing = { draft_open: "message_missing" };
  show(door, { kind: "reply", message: 1 });
  fireEvent.click(await screen.findByRole("button", { name: "Close" }));
  door.failing = {};
  expect(await screen.findByText("You were writing a message: “Half”")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Continue" }));
  expect((await screen.findByLabelText<HTMLTextAreaElement>("Text")).value).toBe("Half a text");
});

test("messages_that_the_last_run_left_are_told_and_can_all_be_taken_back", async () => {
  const door = new ComposeDoor();
  const drafts = [
    await door.call<"draft_open">("draft_open", { kind: "new" }),
    await door.call<"draft_open">("draft_open", { kind: "new" }),
  ] as DraftView[];
  await Promise.all(drafts.map(({ id }) => door.call("draft_send", { id })));
  door.outbox = door.outbox.map((entry) => ({ ...entry, subject: "Umowa", left_over: true }));
  show(door, { kind: "draft", id: 99 });
  fireEvent.click(await screen.findByRole("button", { name: "Close" }));
  const line = await screen.findByText("2 messages from last time are about to be sent: “Umowa”");
  fireEvent.click(
    within(line.closest("[role=status]") ?? document.body).getByRole("button", { name: /Undo/ }),
  );
  await waitFor(() => expect(door.outbox).toEqual([]));
  expect(await screen.findByLabelText("Subject")).toBeDefined();
});

test("focus_is_where_it_was_when_the_composer_closes", async () => {
  const door = new ComposeDoor();
  door.settings.plain_text = true;
  show(door, { kind: "new" });
  await screen.findByLabelText("Subject");
  screen.getByText("Open").focus();
  fireEvent.click(screen.getByRole("button", { name: "Close and keep as a draft" }));
  await waitFor(() => expect(screen.queryByLabelText("Subject")).toBeNull());
  fireEvent.click(screen.getByText("Open"));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "To" })));
  fireEvent.click(screen.getByRole("button", { name: "Close and keep as a draft" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("Open")));
});
