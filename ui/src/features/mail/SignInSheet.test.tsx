import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { AccountView } from "../../ipc/contract";
import { CallError } from "../../ipc/door";
import { DEFAULTS } from "../../shared/settings/settings";
import { OAUTH, detection, wire } from "../setup/testing/samples";
import { ScriptedDoor, mount, usePage } from "./mailView.test-data";
import { makeAccount } from "./samples.test-data";
import { SignInSheet } from "./SignInSheet";

usePage();

const ADDRESS = "ewa@example.com";
const button = (name: string) => screen.findByRole<HTMLButtonElement>("button", { name });
const press = async (name: string) => fireEvent.click(await button(name));

function show(part: Partial<AccountView>, isKnown = true, replies: ScriptedDoor["replies"] = {}) {
  const door = new ScriptedDoor();
  const onClose = vi.fn<() => void>();
  if (isKnown) {
    door.replies.account_detect = () => detection(OAUTH);
  }
  const account = makeAccount({ state: "sign-in-needed", condition: "needs-you", ...part });
  door.replies.account_signin = () => account;
  door.replies.signin_cancel = () => ({});
  Object.assign(door.replies, replies);
  mount(door, <SignInSheet account={account} onClose={onClose} />);
  return { door, onClose };
}

const refusing =
  (code: string, params = {}) =>
  () => {
    throw new CallError(wire(code, params));
  };

const opened = (door: ScriptedDoor) =>
  act(async () => door.tell({ event: "signin_opened", address: ADDRESS, url: "https://id.example.com/x" }));

test("password_signs_in_and_closes", async () => {
  const { door, onClose } = show({});
  fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "new" } });
  await press("Sign in again");
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(door.asked("account_signin")).toEqual([
    { address: ADDRESS, sign_in: { kind: "password", password: "new" } },
  ]);
  expect(door.asked("account_detect")).toEqual([{ address: ADDRESS, offline: true, allow_http: false }]);
});

test("account_with_a_password_can_go_over_to_the_browser", async () => {
  const { door } = show({});
  await press("Sign in in the browser instead");
  expect(screen.queryByLabelText("Password")).toBeNull();
  expect(await button("Use a password instead")).toBeDefined();
  await press("Sign in again");
  await waitFor(() =>
    expect(door.asked("account_signin")).toEqual([
      { address: ADDRESS, sign_in: { kind: "oauth", issuer: "google" } },
    ]),
  );
});

test("account_of_the_browser_can_go_over_to_a_password", async () => {
  const { door } = show({ auth: "oauth2" }, false);
  await press("Use a password instead");
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: "pw" } });
  await press("Sign in again");
  await waitFor(() =>
    expect(door.asked("account_signin")).toEqual([
      { address: ADDRESS, sign_in: { kind: "password", password: "pw" } },
    ]),
  );
});

test("password_alone_where_nothing_else_is_known", async () => {
  show({}, false);
  expect(await screen.findByLabelText("Password")).toBeDefined();
  expect(screen.queryByText(/instead/)).toBeNull();
});

test("passwords_that_are_off_lead_to_the_browser", async () => {
  const { door } = show({}, false);
  door.replies.account_signin = refusing("auth_password_off");
  fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "old" } });
  await press("Sign in again");
  expect(await screen.findByRole("alert")).toBeDefined();
  expect(screen.queryByLabelText("Password")).toBeNull();
  await press("Sign in again");
  await waitFor(() =>
    expect(door.asked("account_signin").at(-1)).toMatchObject({ sign_in: { kind: "oauth" } }),
  );
  // The person may insist.
  await press("Use a password instead");
  expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("old");
});

test("failed_sign_in_stays_in_the_form_that_was_chosen", async () => {
  const { door } = show({});
  door.replies.account_signin = refusing("oauth_denied");
  await press("Sign in in the browser instead");
  await press("Sign in again");
  expect(await screen.findByRole("alert")).toBeDefined();
  expect(screen.queryByLabelText("Password")).toBeNull();
});

test("answer_of_the_browser_can_be_pasted", async () => {
  const { door, onClose } = show({ auth: "oauth2" });
  door.replies.account_signin = () => new Promise(() => {});
  door.replies.signin_answer = refusing("oauth_state_mismatch");
  await press("Sign in again");
  await opened(door);
  expect(door.opened).toEqual(["https://id.example.com/x"]);
  expect((await button("Use this answer")).disabled).toBe(true);
  fireEvent.change(screen.getByLabelText("Answer from the browser"), { target: { value: " abc " } });
  await press("Use this answer");
  await waitFor(() => expect(door.asked("signin_answer")).toEqual([{ text: "abc" }]));
  expect(await screen.findByRole("alert")).toBeDefined();
  await press("Open the page again");
  expect(door.opened).toHaveLength(2);
  await press("Cancel");
  expect(door.asked("signin_cancel")).toEqual([{ address: ADDRESS }]);
  expect(onClose).toHaveBeenCalledOnce();
});

test("certificate_that_nobody_vouches_for_can_be_trusted_with_a_password", async () => {
  const certificate = { host: "imap.example.com", port: 993, fingerprint: "ab".repeat(32) };
  const chain = JSON.stringify([
    { subject: "mail", issuer: "x", names: [], fingerprint: certificate.fingerprint },
  ]);
  const { door, onClose } = show({}, true, {
    settings_get: () => ({ ...DEFAULTS, certificate_exceptions: true }),
  });
  door.replies.certificate_trust = () => {
    door.replies.account_signin = () => makeAccount();
    return {};
  };
  door.replies.account_signin = refusing("tls_certificate_invalid", { ...certificate, chain });
  fireEvent.change(await screen.findByLabelText("Password"), { target: { value: "pw" } });
  await press("Sign in again");
  await press("Trust this certificate…");
  fireEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: /trust it$/ }));
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(door.asked("certificate_trust")).toEqual([{ address: ADDRESS, ...certificate }]);
  expect(door.asked("account_signin")).toHaveLength(2);
});

test.each([
  ["approved", { auth: null, approval: { granted_at: 1 } as AccountView["approval"] }],
  ["signed out", { state: "signed-out", condition: "switched-off" }],
])("account_that_is_%s_is_not_told_to_sign_in_again", async (_, part) => {
  show(part);
  expect(await screen.findByRole("heading", { name: "Sign in to ewa@example.com" })).toBeDefined();
  expect(await button("Sign in")).toBeDefined();
  expect(screen.queryByText(/again/)).toBeNull();
});
