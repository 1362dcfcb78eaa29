import { describe, expect, test } from "vitest";

import { rungs } from "./ladder";
import { next } from "./machine";
import { INITIAL, addPayload } from "./state";
import type { Event, State } from "./state";
import { ACCOUNT, ADDRESS, OAUTH, OFFLINE, candidate, detection, proof, wire } from "./testing/samples";
import {
  play,
  runOf,
  answer,
  type,
  detectedAs,
  password,
  progress,
  ownPage,
  typed,
  asking,
  found,
  foundApp,
  suspected,
  signin,
  signinOauth,
  servers,
  adding,
  addingManual,
  inBrowser,
  pasted,
  testing,
  tested,
  choosing,
  saving,
  notifying,
  signing,
  signed,
  loading,
  EVERY_STATE,
} from "./testing/states";
import type { WithoutRun } from "./testing/states";

function failed(from: State, code: string, params = {}): State {
  return play(from, answer({ type: "adding_failed", error: wire(code, params) })).state;
}

describe("errors of account_add", () => {
  test.each<[string, State, string, Record<string, string | number>, object]>([
    ["auth_failed to the password", adding, "auth_failed", {}, { kind: "signin", focus: "password" }],
    [
      "auth_failed to the manual password",
      addingManual,
      "auth_failed",
      {},
      { kind: "servers", focus: "password" },
    ],
    [
      "name_not_found to the host",
      addingManual,
      "name_not_found",
      { port: 993 },
      { kind: "servers", focus: "imap" },
    ],
    [
      "tls to the sending host",
      addingManual,
      "tls_failed",
      { port: 465 },
      { kind: "servers", focus: "smtp" },
    ],
    [
      "name_not_found of known servers to the sign-in",
      adding,
      "name_not_found",
      {},
      { kind: "signin", focus: null },
    ],
    ["provider_unknown to the servers", adding, "provider_unknown", {}, { kind: "servers", focus: "imap" }],
    [
      "servers_unconfirmed to the question",
      adding,
      "servers_unconfirmed",
      {},
      { kind: "address", error: null },
    ],
    ["cancelled says nothing", inBrowser, "cancelled", {}, { kind: "signin", form: "browser", error: null }],
    ["vault_locked back to where it was", addingManual, "vault_locked", {}, { kind: "servers", focus: null }],
    [
      "oauth_wrong_mailbox to the sign-in",
      inBrowser,
      "oauth_wrong_mailbox",
      {},
      { kind: "signin", form: "browser" },
    ],
  ])("adding_failed %s", (_, from, code, params, step) => {
    expect(failed(from, code, params).step).toMatchObject(step);
  });

  test("adding_failedkeeps_the_error_and_everything_typed", () => {
    const after = failed(addingManual, "auth_failed");
    expect(after.step).toMatchObject({ error: { code: "auth_failed" } });
    expect(after.entered).toEqual(addingManual.entered);
  });

  test("app_password_needed_opens_its_form", () => {
    const from = play(foundApp, { type: "candidate_accepted" }, { type: "form_chosen", form: "password" });
    const after = failed(
      play(from.state, password("x"), { type: "signin_submitted" }).state,
      "auth_app_password_needed",
    );
    expect(after.step).toMatchObject({ kind: "signin", form: "app-password", focus: "password" });
  });

  test("account_exists_is_said_beside_the_address", () => {
    expect(failed(adding, "account_exists").step).toMatchObject({
      kind: "address",
      error: { code: "account_exists" },
    });
  });
});

/** What the choice sends. */
const payloadOf = (state: State) => {
  const [effect] = play(state, { type: "choice_submitted" }).effects;
  return effect?.type === "update" ? effect.payload : undefined;
};

describe("what is sent", () => {
  test("suspected_servers_are_sent_as_approved_only_after_the_question", () => {
    expect(suspected.entered.approved).toBeNull();
    const agreed = play(suspected, { type: "candidate_accepted" }, password("p")).state;
    expect(addPayload(agreed, "signin", "password")).toEqual({
      address: ADDRESS,
      approved_servers: ["imap.example.com:993:tls", "smtp.example.com:587:starttls"],
      certificates: [],
      setup_done: false,
      sign_in: { kind: "password", password: "p" },
      period: "quarter",
      folders: [],
    });
    const other = play(agreed, { type: "went_back" }, type("eve@example.net")).state;
    expect(addPayload(other, "signin", "password").approved_servers).toEqual([]);
  });

  test("servers_by_hand_are_sent_as_endpoints", () => {
    expect(play(servers, { type: "servers_submitted" }).effects).toEqual([
      {
        type: "add",
        run: servers.run + 1,
        payload: {
          address: ADDRESS,
          imap: "mail.example.org:993:tls",
          smtp: "mail.example.org:587:starttls",
          approved_servers: [],
          certificates: [],
          setup_done: false,
          sign_in: { kind: "password", password: "secret" },
          period: "quarter",
          folders: [],
        },
      },
    ]);
  });

  test("receive_only_account_sends_no_smtp", () => {
    const state = play(
      servers,
      { type: "sending_set", sends: false },
      {
        type: "text_typed",
        field: "username",
        text: " anna ",
      },
    ).state;
    const payload = addPayload(state, "servers", "password");
    expect(payload.smtp).toBeUndefined();
    expect(payload.username).toBe("anna");
  });

  test("own_registration_is_sent_with_the_browser", () => {
    const state = play(
      servers,
      { type: "manual_form_chosen", form: "browser" },
      { type: "registration_typed", field: "issuer", text: "https://id.example.org" },
      { type: "registration_typed", field: "clientId", text: "mailroom" },
      { type: "registration_typed", field: "clientSecret", text: "s" },
    ).state;
    expect(addPayload(state, "servers", "browser").sign_in).toEqual({
      kind: "oauth",
      issuer: "https://id.example.org",
      client_id: "mailroom",
      client_secret: "s",
    });
    expect(play(state, { type: "servers_submitted" }).state.step.kind).toBe("adding");
  });

  test("choice_sends_all_as_an_empty_list_and_some_by_path", () => {
    expect(payloadOf(choosing)).toEqual({ address: ADDRESS, period: "quarter", folders: [] });
    const some = play(
      choosing,
      { type: "every_folder_set", every: false },
      { type: "folder_toggled", path: "Work" },
      { type: "period_chosen", period: "all" },
    ).state;
    expect(payloadOf(some)).toEqual({ address: ADDRESS, period: "all", folders: ["INBOX", "Sent", "Work"] });
    const none = play(
      some,
      ...["INBOX", "Sent", "Work"].map((path): Event => ({ type: "folder_toggled", path })),
    );
    expect(payloadOf(none.state)).toBeUndefined();
    expect(play(none.state, { type: "choice_submitted" }).state.step).toMatchObject({
      tried: true,
      saving: false,
    });
  });
});

describe("what is kept", () => {
  test.each(Object.entries(EVERY_STATE))("back_from %s _loses_nothing_typed", (_, state) => {
    expect(play(state, { type: "went_back" }).state.entered).toEqual(state.entered);
  });

  test("back_and_forth_keeps_servers_password_and_answer_of_detection", () => {
    const there = play(servers, { type: "went_back" }, { type: "servers_wanted" }).state;
    expect(there.entered).toEqual(servers.entered);
    expect(play(signin, { type: "went_back" }).state.look).toEqual(found.look);
  });

  test("choice_of_folders_survives_all", () => {
    const some = play(choosing, { type: "every_folder_set", every: false }).state;
    const back = play(
      some,
      { type: "every_folder_set", every: true },
      { type: "every_folder_set", every: false },
    );
    expect(back.state.entered.folders).toEqual(["INBOX", "Sent"]);
  });

  test("connected_account_takes_the_secrets_from_the_form", () => {
    expect(testing.entered).toMatchObject({ password: "", answer: "" });
    expect(testing.entered.registration.clientSecret).toBe("");
  });

  test("another_address_forgets_the_detection_of_the_first", () => {
    const other = play(found, type("anna@example.net")).state;
    expect(other.look).toEqual({ state: "idle" });
    expect(play(found, type(`${ADDRESS} `)).state.look).toEqual(found.look);
  });
});

function progressed(folder: string): Event {
  return { type: "sync_progressed", address: ADDRESS, folder, progress, at: 1 };
}

const step = (source: string, outcome: string) => ({ source, outcome, detail: null });

describe("answers and news", () => {
  const ANSWERS: WithoutRun<Event>[] = [
    { type: "detected", offline: false, detection: detection(OAUTH) },
    { type: "detection_failed", offline: false, error: wire("internal") },
    { type: "answer_taken" },
    { type: "answer_refused", error: wire("internal") },
    { type: "account_added", account: ACCOUNT },
    { type: "adding_failed", error: wire("internal") },
    { type: "tested", proofs: [], report: "" },
    { type: "test_failed", error: wire("internal") },
    { type: "folders_listed", folders: [] },
    { type: "listing_failed", error: wire("internal") },
    { type: "choice_saved", messages: 3 },
    { type: "notify_saved" },
    { type: "signature_saved" },
    { type: "provider_learned" },
    { type: "learning_failed", error: wire("internal") },
    { type: "saving_failed", error: wire("internal") },
    { type: "synced", reports: [] },
    { type: "sync_failed", error: wire("internal") },
  ];

  test.each(ANSWERS)("answer $type _with_an_old_number_changes_nothing_anywhere", (late) => {
    for (const state of Object.values(EVERY_STATE)) {
      expect(next(state, { ...late, run: runOf(state, late.type) - 1 } as Event)).toEqual([state, []]);
    }
  });

  const NEWS: Event[] = [
    { type: "signin_opened", address: "eve@example.com", url: "https://evil.example/" },
    { type: "proof_ended", address: "eve@example.com", proof: proof("tls") },
    { type: "sync_progressed", address: "eve@example.com", folder: "INBOX", progress, at: 1 },
    { type: "inbox_readied", address: "eve@example.com", messages: 3 },
  ];

  test.each(NEWS)("news $type _of_another_account_changes_nothing_anywhere", (news) => {
    for (const state of Object.values(EVERY_STATE)) {
      expect(next(state, news)).toEqual([state, []]);
    }
  });

  test("ladder_fills_as_sources_answer", () => {
    const told = (source: string, outcome: string, address = ADDRESS): Event => ({
      type: "detection_stepped",
      address,
      step: step(source, outcome),
    });
    const network = play(asking, answer({ type: "detected", offline: true, detection: OFFLINE })).state;
    const here = [step("policy", "not_found"), step("built_in", "not_found")];
    expect(network.look).toEqual({ state: "asking", partial: here });
    const after = play(
      network,
      told("srv", "asking", "ANNA@Example.com"),
      told("srv", "not_found"),
      told("guess", "asking"),
      told("mx", "found", "eve@example.com"),
    ).state;
    expect(after.look).toEqual({
      state: "asking",
      partial: [...here, step("srv", "not_found"), step("guess", "asking")],
    });
    const signs = rungs(after.look).map(({ source, sign }) => [source, sign]);
    expect(signs).toContainEqual(["srv", "skipped"]);
    expect(signs).toContainEqual(["autoconfig", "running"]);
    expect(signs.at(-1)).toEqual(["guess", "running"]);
  });

  test("certificate_that_is_trusted_goes_along_and_replaces_the_older_one", () => {
    const certificate = { host: "mail.example.org", port: 993, fingerprint: "aa" };
    const refused = play(
      addingManual,
      answer({ type: "adding_failed", error: wire("tls_certificate_invalid") }),
    );
    const after = play(refused.state, { type: "certificate_trusted", certificate });
    expect(after.effects).toMatchObject([{ type: "add", payload: { certificates: [certificate] } }]);
    const newer = { ...certificate, fingerprint: "bb" };
    const again = play(
      after.state,
      answer({ type: "adding_failed", error: wire("tls_certificate_invalid") }),
      { type: "certificate_trusted", certificate: newer },
    );
    expect(again.effects).toMatchObject([{ type: "add", payload: { certificates: [newer] } }]);
    const proved = play(tested, { type: "certificate_trusted", certificate });
    expect(proved.effects).toMatchObject([{ type: "trust", address: ADDRESS, certificate }]);
    const kept = play(proved.state, answer({ type: "certificate_kept" }));
    expect(kept.effects).toMatchObject([{ type: "test", fullLoop: false }]);
  });

  test("proofs_arrive_one_by_one_and_once", () => {
    const ended: Event = { type: "proof_ended", address: ADDRESS, proof: proof("name-lookup") };
    const after = play(testing, ended, ended, { ...ended, proof: proof("tls") }).state;
    expect(after.test).toEqual({
      state: "running",
      proofs: [proof("name-lookup"), proof("tls")],
      fullLoop: false,
    });
  });

  test("answer_refused_is_said_and_can_be_tried_again", () => {
    const refused = answer({ type: "answer_refused", error: wire("oauth_state_mismatch") });
    const after = play(pasted, { type: "answer_submitted" }, refused).state;
    expect(after.step).toMatchObject({
      browser: { answering: false, refused: { code: "oauth_state_mismatch" } },
    });
    expect(after.entered.answer).toBe(" code ");
    expect(play(after, { type: "answer_submitted" }).effects).toEqual([
      { type: "answer", run: after.run, text: "code" },
    ]);
  });

  test("load_that_the_core_began_by_itself_is_counted", () => {
    const early = play(testing, progressed("INBOX"), {
      type: "inbox_readied",
      address: ADDRESS,
      messages: 7,
    }).state;
    expect(early.load).toMatchObject({ readied: 7, load: { folders: { INBOX: progress } } });
    const kept = play(
      saving,
      answer({ type: "choice_saved", messages: 20 }),
      { type: "skipped" },
      { type: "skipped" },
    ).state;
    expect(play(kept, { type: "inbox_wanted" }).effects).toEqual([{ type: "finish", address: ADDRESS }]);
    const ended = play(kept, answer({ type: "synced", reports: [{ ...emptyReport(), added: 5 }] })).state;
    expect(ended.load).toMatchObject({ kept: 25, end: "done" });
  });

  test("load_ends_while_other_things_are_asked", () => {
    const ended = play(notifying, answer({ type: "synced", reports: [] })).state;
    expect(ended).toMatchObject({ step: { kind: "notify" }, load: { end: "done" } });
    const broken = play(signing, answer({ type: "sync_failed", error: wire("connection_lost") })).state;
    expect(broken).toMatchObject({ step: { kind: "signature" }, load: { end: { error: {} } } });
  });

  test("resumed_account_brings_what_was_chosen_for_it", () => {
    const identities = [{ address: ADDRESS, name: "Anna", is_default: true, signature: "<p>A</p>" }];
    const account = { ...ACCOUNT, period: "year", folders: ["INBOX"], notify: "none", identities };
    expect(play(INITIAL, { type: "resumed", account }).state).toMatchObject({
      account: { address: ADDRESS },
      entered: {
        address: ADDRESS,
        period: "year",
        everyFolder: false,
        folders: ["INBOX"],
        notify: "none",
        name: "Anna",
        signature: "<p>A</p>",
      },
    });
  });

  test("own_client_id_that_worked_is_kept_for_further_accounts", () => {
    const typedIn = play(
      signinOauth,
      { type: "registration_typed", field: "clientId", text: " id " },
      { type: "registration_typed", field: "clientSecret", text: "s" },
      { type: "signin_submitted" },
    ).state;
    const { state, effects } = play(typedIn, answer({ type: "account_added", account: ACCOUNT }));
    expect(effects[0]).toEqual({
      type: "keep_registration",
      payload: { label: "Example Mail", service: "google", client_id: "id", client_secret: "s", tenant: "" },
    });
    expect(state.entered.registration).toMatchObject({ clientId: " id ", clientSecret: "" });
  });

  test("signature_goes_to_the_account_s_own_address", () => {
    const { effects } = play(
      signed,
      { type: "text_typed", field: "signature", text: "<p>A</p>" },
      { type: "signature_submitted" },
    );
    expect(effects).toMatchObject([
      {
        type: "set_identity",
        payload: {
          account: ADDRESS,
          address: ADDRESS,
          name: "Anna",
          is_default: true,
          signature: "<p>A</p>",
        },
      },
    ]);
  });

  test("domain_is_learned_as_the_network_spells_it", () => {
    const unicode = play(INITIAL, type("anna@München.example")).state;
    expect(play(unicode, { type: "provider_chosen", provider: "gmail" }).effects).toMatchObject([
      { type: "learn", domain: "xn--mnchen-3ya.example", provider: "gmail" },
    ]);
  });

  test("load_counts_every_folder_and_keeps_a_failure", () => {
    const after = play(loading, progressed("INBOX"), progressed("Sent")).state;
    expect(Object.keys(after.load.load.folders)).toEqual(["INBOX", "Sent"]);
    const report = { ...emptyReport(), error: wire("connection_lost") };
    const ended = play(after, answer({ type: "synced", reports: [report] })).state;
    expect(ended.load.end).toEqual({ error: wire("connection_lost") });
  });
});

function emptyReport() {
  return {
    address: ADDRESS,
    added: 0,
    changed: 0,
    removed: 0,
    bytes: 0,
    operations: 0,
    sent: 0,
    folders: [],
    error: null,
  };
}

test("candidate_that_was_picked_signs_in_at_its_own_service_and_the_best_at_the_cores", () => {
  const other = candidate({ provider: null, imap: ["imap.hoster.net:993:tls"], smtp: [], auth: [ownPage] });
  const both = play(asking, detectedAs(candidate({ auth: [ownPage] }), other)).state;
  const picked = play(both, { type: "candidate_picked", candidate: other }).state;
  expect(addPayload(picked, "signin", "browser")).toMatchObject({
    imap: "imap.hoster.net:993:tls",
    sign_in: { kind: "oauth", issuer: "https://id.hoster.net" },
  });
  expect(addPayload(picked, "signin", "browser").smtp).toBeUndefined();
  const best = addPayload(both, "signin", "browser");
  expect(best.imap).toBeUndefined();
  expect(best.sign_in).toEqual({ kind: "oauth" });
  expect(play(typed, { type: "candidate_picked", candidate: other }).state).toBe(typed);
});
