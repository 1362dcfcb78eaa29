import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { AccountView, ApprovalView } from "../../ipc/contract";
import { approvalLetter, mailtoOf } from "./approval";
import { next } from "./machine";
import { INITIAL } from "./state";
import type { Effect, Event, State } from "./state";
import { ACCOUNT, ADDRESS, OAUTH, detection, wire } from "./testing/samples";

const APPROVAL: ApprovalView = {
  since: 1,
  tried_at: 1,
  granted_at: null,
  service: "microsoft",
  client_id: "0a1b2c3d",
  tenant: "contoso.example",
  url: "https://login.example.com/contoso/adminconsent?client_id=0a1b2c3d",
  returns: true,
  scopes: ["https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access", "odd.scope"],
  aadsts: 90094,
  error: "access_denied",
};

describe("letter to the administrator", () => {
  test.each(LOCALES)("names_the_page_the_client_and_each_permission_in %s", (locale) => {
    const messages = MESSAGES[locale];
    const { subject, text } = approvalLetter(createIntl({ locale, messages }), ADDRESS, APPROVAL);
    expect(subject).toBe(messages["approval.letter.subject"]);
    for (const part of [
      ADDRESS,
      APPROVAL.url ?? "",
      APPROVAL.client_id,
      APPROVAL.tenant ?? "",
      ...APPROVAL.scopes,
      messages["approval.scope.imap"],
      messages["approval.scope.offline"],
    ]) {
      expect(text).toContain(part);
    }
  });

  test("without_a_page_asks_in_words", () => {
    const intl = createIntl({ locale: "en", messages: MESSAGES.en });
    const { text } = approvalLetter(intl, ADDRESS, { ...APPROVAL, url: null, tenant: null });
    expect(text).toContain("administration pages of the sign-in service");
    expect(text).not.toContain("tenant");
  });

  test("mailto_carries_it_whole", () => {
    const url = new URL(mailtoOf({ subject: "a & b", text: "one\ntwo?" }));
    expect([url.searchParams.get("subject"), url.searchParams.get("body")]).toEqual(["a & b", "one\r\ntwo?"]);
  });
});

const WAITING: AccountView = { ...ACCOUNT, state: "waiting-approval", approval: APPROVAL, setup_done: false };

function play(from: State, ...events: Event[]): [State, readonly Effect[]] {
  return events.reduce<[State, readonly Effect[]]>(
    ([state], event) => {
      const current = "run" in event ? { ...event, run: state.run } : event;
      const [after, effects] = next(state, current);
      return [after, effects];
    },
    [from, []],
  );
}

const types = (effects: readonly Effect[]) => effects.map(({ type }) => type);

const [adding] = play(
  INITIAL,
  { type: "text_typed", field: "address", text: ADDRESS },
  { type: "address_submitted" },
  { type: "detected", run: 0, offline: true, detection: detection(OAUTH) },
  { type: "candidate_accepted" },
  { type: "signin_submitted" },
  { type: "signin_opened", address: ADDRESS, url: "https://id.example.com/" },
);
const needed = wire("oauth_admin_consent_needed");

describe("wizard that needs an administrator", () => {
  test("shows_what_to_ask_for_once_the_service_refused", () => {
    const [asking, effects] = play(adding, { type: "adding_failed", run: 0, error: needed });
    expect([asking.step.kind, types(effects)]).toEqual(["approval", ["find_account"]]);
    const [shown] = play(asking, { type: "account_found", run: 0, account: WAITING });
    expect(shown.step).toEqual({ kind: "approval", account: WAITING, error: null });
  });

  test("gives_the_sign_in_up_when_the_page_says_so_and_keeps_the_account", () => {
    const [state, effects] = play(adding, { type: "approval_wanted" });
    expect([state.step.kind, types(effects)]).toEqual(["approval", ["cancel_signin", "ask_administrator"]]);
    const [failed] = play(state, { type: "approval_refused", run: 0, error: wire("internal") });
    expect(failed.step).toMatchObject({ kind: "approval", account: null, error: { code: "internal" } });
  });

  test("tries_again_and_comes_back_to_the_same_step_or_goes_on", () => {
    const [shown] = play(
      adding,
      { type: "adding_failed", run: 0, error: needed },
      { type: "account_found", run: 0, account: WAITING },
    );
    const [trying, effects] = play(shown, { type: "approval_tried" });
    expect([trying.step.kind, types(effects)]).toEqual(["adding", ["sign_in"]]);
    const [again] = play(trying, { type: "adding_failed", run: 0, error: needed });
    expect(again.step.kind).toBe("approval");
    const [other] = play(trying, { type: "adding_failed", run: 0, error: wire("oauth_timeout") });
    expect(other.step).toMatchObject({ kind: "approval", error: { code: "oauth_timeout" } });
    const [done, proving] = play(trying, { type: "account_added", run: 0, account: ACCOUNT });
    expect([done.step.kind, types(proving)]).toEqual(["proofs", ["keep_registration", "test"].slice(-1)]);
  });

  test("goes_on_by_itself_when_the_account_was_let_in_meanwhile", () => {
    const [shown] = play(
      adding,
      { type: "adding_failed", run: 0, error: needed },
      { type: "account_found", run: 0, account: WAITING },
    );
    const [looking, effects] = play(shown, { type: "account_changed", address: ADDRESS });
    expect(types(effects)).toEqual(["find_account"]);
    const [done] = play(looking, { type: "account_found", run: 0, account: ACCOUNT });
    expect(done.step.kind).toBe("proofs");
  });

  test("is_gone_on_with_where_it_was_left", () => {
    const [state, effects] = play(INITIAL, { type: "resumed", account: WAITING });
    expect([state.step.kind, types(effects)]).toEqual(["approval", ["find_account"]]);
  });
});
