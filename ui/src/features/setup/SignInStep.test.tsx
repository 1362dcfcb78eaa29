import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { DoorProvider } from "../../ipc/context";
import type { CandidateView, WireError } from "../../ipc/contract";
import type { SignInForm } from "./offers";
import { SignInStep } from "./SignInStep";
import { INITIAL } from "./state";
import type { Entered, Event } from "./state";
import { FakeDoor } from "./testing/fakeDoor";
import { ADDRESS, candidate, detection, wire } from "./testing/samples";

afterEach(cleanup);

const page = (service: string): CandidateView =>
  candidate({ auth: [{ method: "oauth2", service, url: null, unavailable: null }] });

function show(
  found: CandidateView,
  entered: Partial<Entered> = {},
  error: WireError | null = null,
  form: SignInForm = "browser",
) {
  const send = vi.fn<(event: Event) => void>();
  const step = { kind: "signin", form, error, focus: null } as const;
  const state = {
    ...INITIAL,
    step,
    entered: { ...INITIAL.entered, address: ADDRESS, ...entered },
    look: { state: "answered", detection: detection(found) },
  } as const;
  render(
    <Translations locale="en">
      <DoorProvider door={new FakeDoor()}>
        <SignInStep state={state} step={step} send={send} />
      </DoorProvider>
    </Translations>,
  );
  return send;
}

test("microsoft_is_asked_which_account_is_meant", () => {
  const send = show(page("microsoft"), { accountKind: "work" });
  const kinds = screen.getAllByRole<HTMLInputElement>("radio");
  expect(kinds.map(({ checked }) => checked)).toEqual([false, true, false]);
  fireEvent.click(screen.getByRole("radio", { name: "Personal account" }));
  expect(send.mock.calls).toEqual([[{ type: "account_kind_chosen", kind: "personal" }]]);
});

test.each([["google"], ["https://id.example.com"]])("%s_is_not_asked_for_a_kind", (service) => {
  show(page(service));
  expect(screen.queryAllByRole("radio")).toEqual([]);
});

test("shared_mailbox_is_folded_until_somebody_signs_in_to_it", () => {
  const send = show(page("https://id.example.com"));
  const field = screen.getByLabelText<HTMLInputElement>("Your own address");
  expect(field.closest("details")?.open).toBe(false);
  fireEvent.change(field, { target: { value: "jan@example.com" } });
  expect(send.mock.calls).toEqual([[{ type: "text_typed", field: "signInAs", text: "jan@example.com" }]]);
  cleanup();
  show(page("https://id.example.com"), { signInAs: "jan@example.com" });
  expect(screen.getByLabelText("Your own address").closest("details")?.open).toBe(true);
});

test("google_has_no_shared_mailboxes", () => {
  show(page("google"));
  expect(screen.queryByLabelText("Your own address")).toBeNull();
});

const WRONG = wire("oauth_wrong_mailbox", { asked: ADDRESS, signed_in: "jan@example.com" });

test("somebody_else_who_signed_in_can_be_the_one_who_opens_the_mailbox", () => {
  const send = show(page("https://id.example.com"), {}, WRONG);
  fireEvent.click(screen.getByRole("button", { name: "It is shared: jan@example.com signs in to it" }));
  expect(send.mock.calls).toEqual([[{ type: "delegate_accepted", address: "jan@example.com" }]]);
});

test.each([
  ["google", WRONG],
  ["microsoft", WRONG],
  ["https://id.example.com", wire("oauth_wrong_mailbox", { asked: ADDRESS, signed_in: "somebody" })],
  ["https://id.example.com", wire("oauth_denied", { signed_in: "jan@example.com" })],
])("service %s _with %j _offers_no_delegate", (service, error) => {
  show(page(service), {}, error);
  expect(screen.getByRole("alert")).toBeDefined();
  expect(screen.queryByRole("button", { name: /It is shared/ })).toBeNull();
});

test("note_about_the_main_address_leads_to_the_user_name", () => {
  const notes = [{ code: "main_address", url: null }];
  const send = show(candidate({ notes }), {}, null, "password");
  fireEvent.click(screen.getByRole("button", { name: "Enter the servers yourself" }));
  expect(send.mock.calls).toEqual([[{ type: "servers_wanted" }]]);
});
