import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { useEffect } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { Door } from "../../ipc/door";
import { NoticeProvider, useNotices } from "../notices/NoticeProvider";
import type { Notice } from "../notices/notices";
import { DEFAULTS } from "../settings/settings";
import type { Command } from "./command";
import { CommandProvider, useCommands } from "./CommandProvider";

const doorWith = (singleKeys: boolean): Door => ({
  call: async () => ({ ...DEFAULTS, single_keys: singleKeys }) as never,
  listen: () => () => {},
  openExternal: async () => {},
  saveDownload: async () => ({ path: "", bytes: 0 }),
});

function Part({ commands }: { commands: Command[] }) {
  useCommands(commands);
  return <input aria-label="field" />;
}

let show: (notice: Notice) => void = () => {};
function Speaker() {
  const notices = useNotices();
  useEffect(() => {
    ({ show } = notices);
  }, [notices]);
  return null;
}

function open(commands: Command[], singleKeys = true) {
  return render(
    <DoorProvider door={doorWith(singleKeys)}>
      <QueryClientProvider client={createQueryClient()}>
        <Translations locale="en">
          <CommandProvider>
            <NoticeProvider>
              <Speaker />
              <Part commands={commands} />
            </NoticeProvider>
          </CommandProvider>
        </Translations>
      </QueryClientProvider>
    </DoorProvider>,
  );
}

beforeEach(() => vi.stubGlobal("CSS", { escape: (text: string) => text }));

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const archive = (run: () => void): Command => ({
  id: "archive",
  title: "Archive it",
  group: "message",
  keys: ["e", "Mod+E"],
  run,
});

test("key_runs_its_command_but_not_while_somebody_types", async () => {
  const run = vi.fn<() => void>();
  open([archive(run)]);
  fireEvent.keyDown(document.body, { key: "e", code: "KeyE" });
  expect(run).toHaveBeenCalledTimes(1);
  screen.getByLabelText("field").focus();
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "e", code: "KeyE" });
  expect(run).toHaveBeenCalledTimes(1);
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "e", code: "KeyE", ctrlKey: true });
  expect(run).toHaveBeenCalledTimes(2);
});

test("single_keys_that_are_switched_off_do_nothing", async () => {
  const run = vi.fn<() => void>();
  open([archive(run)], false);
  await waitFor(() => {
    run.mockClear();
    fireEvent.keyDown(document.body, { key: "e", code: "KeyE" });
    expect(run).not.toHaveBeenCalled();
  });
  fireEvent.keyDown(document.body, { key: "e", code: "KeyE", ctrlKey: true });
  expect(run).toHaveBeenCalledTimes(1);
});

test("palette_finds_by_words_and_runs_with_enter", async () => {
  const run = vi.fn<() => void>();
  open([archive(run), { ...archive(() => {}), id: "other", title: "Something else" }]);
  fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
  const field = await screen.findByRole("combobox");
  expect(screen.getAllByRole("option").length).toBeGreaterThan(2);
  fireEvent.change(field, { target: { value: "arch" } });
  expect(screen.getAllByRole("option")).toHaveLength(1);
  fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(run).toHaveBeenCalledTimes(1));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("sheet_of_shortcuts_lists_the_keys", async () => {
  open([archive(() => {})]);
  fireEvent.keyDown(document.body, { key: "?", code: "Slash", shiftKey: true });
  const sheet = await screen.findByRole("dialog");
  expect(within(sheet).getByText("Archive it")).toBeDefined();
  expect(within(sheet).getByText("Ctrl+E")).toBeDefined();
});

test("command_of_a_part_that_left_is_gone", async () => {
  const run = vi.fn<() => void>();
  const { unmount } = open([archive(run)]);
  unmount();
  fireEvent.keyDown(document.body, { key: "e", code: "KeyE" });
  expect(run).not.toHaveBeenCalled();
});

const undoBy = (run: () => void) => ({ label: "Undo", run, isUndo: true });

test("undo_of_the_newest_notice_runs_by_key_and_then_that_before_it", async () => {
  const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
  open([]);
  act(() => show({ text: "One", tone: "plain", action: undoBy(first) }));
  act(() => show({ text: "Two", tone: "plain", action: undoBy(second) }));
  expect(screen.queryByText("One")).toBeNull();
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
  expect(screen.queryByText("Two")).toBeNull();
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  expect(first).toHaveBeenCalledTimes(1);
});

test("notice_goes_by_itself_unless_it_is_held_by_focus", async () => {
  vi.useFakeTimers();
  open([]);
  act(() => show({ text: "Moved", tone: "plain", ms: 4000, action: { label: "Undo", run: () => {} } }));
  screen.getByLabelText("field").focus();
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "F6", code: "F6" });
  expect(document.activeElement?.textContent).toBe("Undo");
  act(() => vi.advanceTimersByTime(60_000));
  expect(screen.getByText("Moved")).toBeDefined();
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "F6", code: "F6" });
  expect(document.activeElement).toBe(screen.getByLabelText("field"));
  act(() => vi.advanceTimersByTime(4001));
  expect(screen.queryByText("Moved")).toBeNull();
});

test("action_that_can_no_longer_be_run_goes_with_its_line_and_its_key", () => {
  vi.useFakeTimers();
  const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
  open([]);
  act(() => show({ text: "One", tone: "plain", actionMs: 5000, action: undoBy(first) }));
  act(() => vi.advanceTimersByTime(1000));
  act(() => show({ text: "Two", tone: "plain", actionMs: 5000, action: undoBy(second) }));
  act(() => vi.advanceTimersByTime(4500));
  screen.getByLabelText("field").focus();
  fireEvent.keyDown(screen.getByLabelText("field"), { key: "F6", code: "F6" });
  act(() => vi.advanceTimersByTime(1000));
  // Held by the focus or not: the time does not wait, and the focus goes back.
  expect(screen.queryByText("Two")).toBeNull();
  expect(document.activeElement).toBe(screen.getByLabelText("field"));
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 0]);
});

test("undo_of_an_earlier_line_lapses_under_a_newer_one", () => {
  vi.useFakeTimers();
  const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
  open([]);
  act(() => show({ text: "One", tone: "plain", actionMs: 5000, action: undoBy(first) }));
  act(() => show({ text: "Two", tone: "plain", action: undoBy(second) }));
  act(() => vi.advanceTimersByTime(5000));
  expect(screen.getByText("Two")).toBeDefined();
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
});
