import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { OperationView } from "../../ipc/contract";
import { ScriptedDoor, mount, usePage } from "./mailView.test-data";
import { makeFolder, makeOperation } from "./samples.test-data";
import { WaitingBar } from "./WaitingBar";

usePage();

const REFUSAL = {
  code: "permission_denied",
  fixer: "administrator",
  params: { folder: "Archive", reply: "NO [NOPERM] read only" },
  detail: "",
} as const;
const refused = (part: Partial<OperationView> = {}) =>
  makeOperation({ id: 7, state: "refused", error: REFUSAL, to_folder: "Archive", ...part });

/** A core with these changes, until they are discarded. */
function withOperations(...operations: OperationView[]): ScriptedDoor {
  const door = new ScriptedDoor();
  let left = operations;
  door.replies.operation_list = () => left;
  door.replies.operation_push = () => ({});
  door.replies.operation_discard = ({ id }: { id: number }) => {
    left = left.filter((operation) => operation.id !== id);
    return {};
  };
  door.replies.folder_list = () => [
    makeFolder({ id: 1, path: "INBOX", role: "inbox" }),
    makeFolder({ id: 2, path: "Archive", role: "archive" }),
    makeFolder({ id: 3, path: "Drafts", role: "drafts" }),
  ];
  mount(door, <WaitingBar />);
  return door;
}

const show = async (bar: string) => {
  fireEvent.click(await screen.findByRole("button", { name: bar }));
  return screen.findByRole("dialog");
};

test("changes_that_wait_are_counted_and_can_be_opened", async () => {
  withOperations(makeOperation({ to_folder: "Archive", messages: 4, subjects: ["Offer", "Plan", "Bill"] }));
  const sheet = await show("Waiting to reach the server: 1");
  expect(await within(sheet).findByText("Move 4 messages to “Archive”")).toBeDefined();
  expect(within(sheet).getByText("“Offer”, “Plan”, “Bill”, and 1 more")).toBeDefined();
  expect(within(sheet).getByText("ewa@example.com · Inbox · tried 1 time")).toBeDefined();
  expect(within(sheet).getByRole("button", { name: "Try now" })).toBeDefined();
});

test("change_whose_target_and_messages_are_gone_is_shown_without_them", async () => {
  withOperations(makeOperation({ to_folder: null, subjects: [] }));
  const sheet = await show("Waiting to reach the server: 1");
  expect(within(sheet).getByText("Move 2 messages")).toBeDefined();
});

test("refused_change_says_why_that_it_was_undone_and_can_only_be_put_aside", async () => {
  const door = withOperations(refused());
  const sheet = await show("Refused by the server: 1");
  expect(within(sheet).getByRole("heading", { name: "Refused by the server" })).toBeDefined();
  expect(await within(sheet).findByText("Move 2 messages to “Archive”")).toBeDefined();
  expect(within(sheet).getByRole("alert").textContent).toContain("The server said: NO [NOPERM] read only");
  expect(within(sheet).getByText("Undone here: the messages are as they are on the server.")).toBeDefined();
  expect(within(sheet).queryByRole("button", { name: "Try now" })).toBeNull();
  fireEvent.click(within(sheet).getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(door.asked("operation_discard")).toEqual([{ id: 7 }]));
  expect(await within(sheet).findByText("Nothing waits: everything has reached the server.")).toBeDefined();
  expect(door.asked("operation_push")).toEqual([]);
});

test("refused_and_waiting_changes_are_told_apart", async () => {
  const door = withOperations(makeOperation(), makeOperation({ id: 6 }), refused(), refused({ id: 8 }));
  const sheet = await show("Refused by the server: 2 Waiting to reach the server: 2");
  expect(within(sheet).getByRole("heading", { name: "Changes for the server" })).toBeDefined();
  expect(within(sheet).getAllByRole("button", { name: "Try now" })).toHaveLength(2);
  fireEvent.click(within(sheet).getByRole("button", { name: "Discard all" }));
  expect(within(sheet).getByText(/^Discard 2 changes\?/)).toBeDefined();
  fireEvent.click(within(sheet).getByRole("button", { name: "Dismiss all" }));
  await waitFor(() => expect(door.asked("operation_discard")).toEqual([{ id: 7 }, { id: 8 }]));
  await waitFor(() =>
    expect(within(sheet).queryByRole("heading", { name: "Refused by the server" })).toBeNull(),
  );
  expect(within(sheet).getAllByRole("button", { name: "Try now" })).toHaveLength(2);
});

test("draft_reads_as_a_draft", async () => {
  withOperations(
    makeOperation({ id: 1, kind: "draft", folder: "Drafts", messages: 1 }),
    refused({ id: 2, kind: "draft", folder: "Drafts", to_folder: null, messages: 1 }),
  );
  const sheet = await show("Refused by the server: 1 Waiting to reach the server: 1");
  await waitFor(() => expect(within(sheet).getAllByText("Save a draft")).toHaveLength(2));
  expect(within(sheet).getByText("The draft is only on this computer.")).toBeDefined();
});
