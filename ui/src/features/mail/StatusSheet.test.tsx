import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { AccountStatus, AccountView } from "../../ipc/contract";
import { CallError } from "../../ipc/door";
import { browserHost } from "../../ipc/browserHost";
import type { Destination } from "../../shared/place";
import { wire } from "../setup/testing/samples";
import { ScriptedDoor, mount, open, usePage } from "./mailView.test-data";
import { makeAccount, makeStatus } from "./samples.test-data";
import { StatusSheet } from "./StatusSheet";

usePage();

const ADDRESS = "ewa@example.com";
const GRANTED = { granted_at: 1 } as AccountView["approval"];
const FAILED = wire("connect_timeout", { host: "imap.x.pl" });
const SILENCE = { since: 1, usual_minutes: 5, proved_at: null, error: FAILED };

const told = (...accounts: AccountStatus[]) => ({
  accounts,
  store_bytes: 0,
  store_unsound: false,
  store_restored: null,
  expiries: [],
});

function show(part: Partial<AccountView>, status: Partial<AccountStatus> = {}) {
  const door = new ScriptedDoor();
  door.replies.status_get = () => told(makeStatus({ account: makeAccount(part), ...status }));
  const run = vi.fn<(address?: string) => void>();
  const onSignIn = vi.fn<() => void>();
  const went: Destination[] = [];
  mount(
    door,
    <StatusSheet
      address={ADDRESS}
      check={{ isRunning: false, error: null, run }}
      onSignIn={onSignIn}
      onClose={() => {}}
    />,
    browserHost(),
    (to) => went.push(to),
  );
  return { door, run, onSignIn, went };
}

const buttons = async () => {
  await screen.findByText(/Arrivals/);
  return screen
    .getAllByRole("button")
    .map((button) => button.textContent)
    .filter((text) => text !== "");
};
const ALWAYS = ["Test and settings of this account", "Show the journal"];

test.each([
  ["working", {}, ["Check for new mail", ...ALWAYS]],
  ["ended", { state: "sign-in-needed" }, ["Sign in again", "Check for new mail", ...ALWAYS]],
  ["approved", { state: "sign-in-needed", approval: GRANTED }, ["Finish", ...ALWAYS]],
  ["signed out", { state: "signed-out" }, ["Sign in", ...ALWAYS]],
  ["waiting", { state: "waiting-approval" }, ["Ask the administrator", ...ALWAYS]],
])("account_that_is_%s_offers_what_can_be_done", async (_, part, expected) => {
  show(part);
  expect(await buttons()).toEqual(expected);
});

test("sheet_checks_signs_in_and_leads_to_the_settings", async () => {
  const { run, onSignIn, went } = show({ state: "sign-in-needed", error: wire("sign_in_again") });
  expect((await screen.findByRole("alert")).textContent).toContain("The sign-in has ended");
  fireEvent.click(screen.getByRole("button", { name: "Check for new mail" }));
  fireEvent.click(screen.getByRole("button", { name: "Sign in again" }));
  fireEvent.click(screen.getByRole("button", { name: "Test and settings of this account" }));
  expect(run).toHaveBeenCalledExactlyOnceWith(ADDRESS);
  expect(onSignIn).toHaveBeenCalledOnce();
  expect(went).toEqual([{ kind: "settings", page: "account", address: ADDRESS }]);
});

test("person_who_signed_out_reads_of_no_fault", async () => {
  show({ state: "signed-out", condition: "switched-off", error: wire("sign_in_again") });
  expect(await screen.findByText("Signed out")).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("silence_is_shown_with_why_it_could_not_be_looked_into", async () => {
  show({}, { silence: SILENCE });
  expect((await screen.findByRole("alert")).textContent).toContain("imap.x.pl did not answer in time");
});

test("status_that_cannot_be_read_says_why", async () => {
  const { door } = show({});
  await screen.findByText(/Arrivals/);
  door.replies.status_get = () => {
    throw new CallError(wire("store_busy"));
  };
  door.tell({ event: "account_changed", address: ADDRESS });
  expect(await screen.findByRole("alert")).toBeDefined();
});

test.each([
  ["failed", SILENCE, 1],
  ["showed that all is well", { ...SILENCE, error: null, proved_at: 2 }, 0],
])("row_of_an_account_whose_fresh_connection_%s_has_a_mark_or_none", async (_, silence, marks) => {
  const door = new ScriptedDoor();
  door.replies.status_get = () => told(makeStatus({ silence }));
  open(door);
  await screen.findByText("First");
  await waitFor(() => expect(door.asked("status_get")).not.toEqual([]));
  const name = "Unusually long without new mail; a fresh connection could not be opened";
  await waitFor(() => expect(screen.queryAllByRole("img", { name })).toHaveLength(marks));
});
