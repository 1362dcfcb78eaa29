import { describe, expect, test } from "vitest";

import { rungs } from "./ladder";
import { next } from "./machine";
import { INITIAL, addPayload } from "./state";
import type { Effect, Event, State, Step } from "./state";
import {
  ACCOUNT,
  ADDRESS,
  APP_PASSWORD,
  FOLDERS,
  OAUTH,
  OFFLINE,
  PASSED,
  SUSPECTED,
  candidate,
  detection,
  proof,
  wire,
} from "./testing/samples";

/** The state after the events, and the effects of the last one. An answer without a run gets the current one. */
function play(from: State, ...events: Loose[]): { state: State; effects: readonly Effect[] } {
  let state = from;
  let effects: readonly Effect[] = [];
  for (const event of events) {
    [state, effects] = next(
      state,
      ("answer" in event ? { ...event.answer, run: runOf(state, event.answer.type) } : event) as Event,
    );
  }
  return { state, effects };
}

/** The number that an answer to the last question has: the load has one of its own. */
function runOf(state: State, answered: Event["type"]): number {
  return answered === "synced" || answered === "sync_failed" ? state.loadRun : state.run;
}

type WithoutRun<E> = E extends { run: number } ? Omit<E, "run"> : never;
type Loose = Event | { answer: WithoutRun<Event> };

const answer = (event: WithoutRun<Event>): Loose => ({ answer: event });
const type = (text: string): Event => ({ type: "text_typed", field: "address", text });
const detectedAs = (...found: Parameters<typeof detection>) =>
  answer({ type: "detected", offline: true, detection: detection(...found) });
const host = (server: "imap" | "smtp", text: string): Event => ({
  type: "server_typed",
  server,
  field: "host",
  text,
});
const password = (text: string): Event => ({ type: "text_typed", field: "password", text });
const progress = { messages: 5, messagesTotal: 10, bytes: 50, bytesTotal: 100 };

const ownPage = { method: "oauth2", service: "https://id.hoster.net", url: null, unavailable: null };

const typed = play(INITIAL, type(ADDRESS)).state;
const asking = play(typed, { type: "address_submitted" }).state;
const found = play(asking, detectedAs(candidate())).state;
const foundOauth = play(asking, detectedAs(OAUTH)).state;
const foundApp = play(asking, detectedAs(APP_PASSWORD)).state;
const suspected = play(
  asking,
  answer({ type: "detected", offline: true, detection: OFFLINE }),
  answer({ type: "detected", offline: false, detection: detection(SUSPECTED) }),
).state;
const signin = play(found, { type: "candidate_accepted" }, password("secret")).state;
const signinOauth = play(foundOauth, { type: "candidate_accepted" }).state;
const servers = play(
  found,
  { type: "servers_wanted" },
  host("imap", "mail.example.org"),
  host("smtp", "mail.example.org"),
  password("secret"),
).state;
const adding = play(signin, { type: "signin_submitted" }).state;
const addingManual = play(servers, { type: "servers_submitted" }).state;
const addingOauth = play(signinOauth, { type: "signin_submitted" }).state;
const inBrowser = play(addingOauth, {
  type: "signin_opened",
  address: ADDRESS,
  url: "https://id.example.com/",
}).state;
const pasted = play(inBrowser, { type: "text_typed", field: "answer", text: " code " }).state;
const testing = play(adding, answer({ type: "account_added", account: ACCOUNT })).state;
const tested = play(testing, answer({ type: "tested", proofs: PASSED, report: "" })).state;
const listing = play(tested, { type: "proofs_accepted" }).state;
const choosing = play(listing, answer({ type: "folders_listed", folders: FOLDERS })).state;
const saving = play(choosing, { type: "choice_submitted" }).state;
const notifying = play(saving, answer({ type: "choice_saved", messages: 0 })).state;
const savingNotify = play(notifying, { type: "notify_submitted" }).state;
const signing = play(savingNotify, answer({ type: "notify_saved" })).state;
const signed = play(signing, { type: "text_typed", field: "name", text: " Anna " }).state;
const savingSignature = play(signed, { type: "signature_submitted" }).state;
const loading = play(savingSignature, answer({ type: "signature_saved" })).state;
const readied = play(loading, { type: "inbox_readied", address: ADDRESS, messages: 50 }).state;
const loaded = play(readied, answer({ type: "synced", reports: [] })).state;

const EVERY_STATE: Record<string, State> = {
  INITIAL,
  typed,
  asking,
  found,
  foundOauth,
  foundApp,
  suspected,
  signin,
  signinOauth,
  servers,
  adding,
  addingManual,
  addingOauth,
  inBrowser,
  pasted,
  testing,
  tested,
  listing,
  choosing,
  saving,
  notifying,
  savingNotify,
  signing,
  signed,
  savingSignature,
  loading,
  readied,
  loaded,
};

/** From where, by what, to which step, with which effects (by type). */
const TRANSITIONS: [string, State, Loose, Step["kind"], Effect["type"][]][] = [
  ["address_submitted asks this machine first", typed, { type: "address_submitted" }, "address", ["detect"]],
  ["address_submitted while invalid asks nobody", INITIAL, { type: "address_submitted" }, "address", []],
  ["address_submitted while asking asks once", asking, { type: "address_submitted" }, "address", []],
  ["detected offline and confirmed is the answer", asking, detectedAs(candidate()), "address", []],
  [
    "detected offline without candidate asks the network",
    asking,
    answer({ type: "detected", offline: true, detection: OFFLINE }),
    "address",
    ["detect"],
  ],
  [
    "detected online without candidate is an answer",
    asking,
    answer({ type: "detected", offline: false, detection: detection() }),
    "address",
    [],
  ],
  [
    "detection_failed stays",
    asking,
    answer({ type: "detection_failed", offline: true, error: wire("provider_without_imap") }),
    "address",
    [],
  ],
  [
    "detection_failed offline because nobody knows asks the network",
    asking,
    answer({ type: "detection_failed", offline: true, error: wire("provider_unknown") }),
    "address",
    ["detect"],
  ],
  [
    "detection_failed online because nobody knows stays",
    asking,
    answer({ type: "detection_failed", offline: false, error: wire("provider_unknown") }),
    "address",
    [],
  ],
  ["candidate_accepted opens the sign-in", found, { type: "candidate_accepted" }, "signin", []],
  ["candidate_accepted agrees to suspected servers", suspected, { type: "candidate_accepted" }, "signin", []],
  ["candidate_accepted before an answer does nothing", asking, { type: "candidate_accepted" }, "address", []],
  [
    "candidate_accepted without servers asks for them",
    play(asking, detectedAs(candidate({ imap: [], smtp: [] }))).state,
    { type: "candidate_accepted" },
    "servers",
    [],
  ],
  ["servers_wanted from the address", found, { type: "servers_wanted" }, "servers", []],
  ["servers_wanted while asking", asking, { type: "servers_wanted" }, "servers", []],
  ["servers_wanted without address does nothing", INITIAL, { type: "servers_wanted" }, "address", []],
  ["servers_wanted from the sign-in", signin, { type: "servers_wanted" }, "servers", []],
  ["form_chosen stays", signinOauth, { type: "form_chosen", form: "app-password" }, "signin", []],
  ["signin_submitted adds", signin, { type: "signin_submitted" }, "adding", ["add"]],
  ["signin_submitted with the browser adds", signinOauth, { type: "signin_submitted" }, "adding", ["add"]],
  [
    "signin_submitted without password waits",
    play(found, { type: "candidate_accepted" }).state,
    { type: "signin_submitted" },
    "signin",
    [],
  ],
  ["servers_submitted adds", servers, { type: "servers_submitted" }, "adding", ["add"]],
  [
    "servers_submitted with a bad port waits",
    play(servers, { type: "server_typed", server: "imap", field: "port", text: "0" }).state,
    { type: "servers_submitted" },
    "servers",
    [],
  ],
  [
    "signin_opened opens the browser",
    addingOauth,
    { type: "signin_opened", address: ADDRESS.toUpperCase(), url: "https://id.example.com/" },
    "adding",
    ["open"],
  ],
  [
    "signin_opened of another account is not ours",
    addingOauth,
    { type: "signin_opened", address: "eve@example.com", url: "https://evil.example/" },
    "adding",
    [],
  ],
  ["browser_wanted opens it again", inBrowser, { type: "browser_wanted" }, "adding", ["open"]],
  [
    "browser_wanted before there is a page does nothing",
    addingOauth,
    { type: "browser_wanted" },
    "adding",
    [],
  ],
  ["answer_submitted hands it over", pasted, { type: "answer_submitted" }, "adding", ["answer"]],
  ["answer_submitted without text does nothing", inBrowser, { type: "answer_submitted" }, "adding", []],
  [
    "answer_refused stays",
    pasted,
    answer({ type: "answer_refused", error: wire("oauth_state_mismatch") }),
    "adding",
    [],
  ],
  ["adding_cancelled ends the wait", inBrowser, { type: "adding_cancelled" }, "adding", ["cancel_signin"]],
  [
    "adding_cancelled with a password gives it up",
    adding,
    { type: "adding_cancelled" },
    "adding",
    ["cancel"],
  ],
  [
    "adding_cancelled asks once",
    play(adding, { type: "adding_cancelled" }).state,
    { type: "adding_cancelled" },
    "adding",
    [],
  ],
  [
    "provider_chosen teaches the list",
    found,
    { type: "provider_chosen", provider: "gmail" },
    "address",
    ["learn"],
  ],
  [
    "provider_chosen while asking does nothing",
    asking,
    { type: "provider_chosen", provider: "gmail" },
    "address",
    [],
  ],
  [
    "provider_learned asks the list again",
    play(found, { type: "provider_chosen", provider: "gmail" }).state,
    answer({ type: "provider_learned" }),
    "address",
    ["detect"],
  ],
  [
    "learning_failed stays",
    play(found, { type: "provider_chosen", provider: "gmail" }).state,
    answer({ type: "learning_failed", error: wire("disk_full") }),
    "address",
    [],
  ],
  ["resumed runs the proofs", INITIAL, { type: "resumed", account: ACCOUNT }, "proofs", ["test"]],
  ["resumed later does nothing", testing, { type: "resumed", account: ACCOUNT }, "proofs", []],
  ["test_cancelled gives it up", testing, { type: "test_cancelled" }, "proofs", ["cancel"]],
  ["test_cancelled after the end does nothing", tested, { type: "test_cancelled" }, "proofs", []],
  [
    "account_added runs the proofs",
    adding,
    answer({ type: "account_added", account: ACCOUNT }),
    "proofs",
    ["test"],
  ],
  ["test_wanted runs them again", tested, { type: "test_wanted", fullLoop: true }, "proofs", ["test"]],
  [
    "test_wanted while they run does nothing",
    testing,
    { type: "test_wanted", fullLoop: false },
    "proofs",
    [],
  ],
  ["test_failed stays", testing, answer({ type: "test_failed", error: wire("sign_in_again") }), "proofs", []],
  ["proofs_accepted lists the folders", tested, { type: "proofs_accepted" }, "choose", ["list_folders"]],
  ["proofs_accepted while they run does nothing", testing, { type: "proofs_accepted" }, "proofs", []],
  ["folders_refreshed asks the server", choosing, { type: "folders_refreshed" }, "choose", ["list_folders"]],
  ["folders_refreshed while asking does nothing", listing, { type: "folders_refreshed" }, "choose", []],
  [
    "listing_failed stays",
    listing,
    answer({ type: "listing_failed", error: wire("connection_lost") }),
    "choose",
    [],
  ],
  ["choice_submitted saves", choosing, { type: "choice_submitted" }, "choose", ["update"]],
  ["choice_submitted while saving does nothing", saving, { type: "choice_submitted" }, "choose", []],
  [
    "choice_saved loads and asks on",
    saving,
    answer({ type: "choice_saved", messages: 0 }),
    "notify",
    ["sync"],
  ],
  ["notify_submitted saves", notifying, { type: "notify_submitted" }, "notify", ["set_notify"]],
  ["notify_submitted while saving does nothing", savingNotify, { type: "notify_submitted" }, "notify", []],
  ["notify_saved asks for the signature", savingNotify, answer({ type: "notify_saved" }), "signature", []],
  ["skipped notifications ask for the signature", notifying, { type: "skipped" }, "signature", []],
  ["skipped while saving does nothing", savingNotify, { type: "skipped" }, "notify", []],
  [
    "saving_failed keeps the notifications open",
    savingNotify,
    answer({ type: "saving_failed", error: wire("disk_full") }),
    "notify",
    [],
  ],
  ["signature_submitted saves", signed, { type: "signature_submitted" }, "signature", ["set_identity"]],
  [
    "signature_submitted without anything completes",
    signing,
    { type: "signature_submitted" },
    "loading",
    ["complete"],
  ],
  [
    "signature_saved completes",
    savingSignature,
    answer({ type: "signature_saved" }),
    "loading",
    ["complete"],
  ],
  ["skipped signature completes", signed, { type: "skipped" }, "loading", ["complete"]],
  [
    "saving_failed keeps the signature open",
    savingSignature,
    answer({ type: "saving_failed", error: wire("input_invalid") }),
    "signature",
    [],
  ],
  ["load_cancelled gives it up", loading, { type: "load_cancelled" }, "loading", ["cancel"]],
  ["load_cancelled after the end does nothing", loaded, { type: "load_cancelled" }, "loading", []],
  ["went_back from the notifications", notifying, { type: "went_back" }, "choose", []],
  ["went_back from the signature", signed, { type: "went_back" }, "notify", []],
  ["went_back while the signature is saved waits", savingSignature, { type: "went_back" }, "signature", []],
  ["saving_failed stays", saving, answer({ type: "saving_failed", error: wire("disk_full") }), "choose", []],
  ["inbox_wanted before it is readied waits", loading, { type: "inbox_wanted" }, "loading", []],
  ["inbox_wanted when readied ends", readied, { type: "inbox_wanted" }, "loading", ["finish"]],
  ["inbox_wanted when loaded ends", loaded, { type: "inbox_wanted" }, "loading", ["finish"]],
  ["load_wanted while it runs does nothing", loading, { type: "load_wanted" }, "loading", []],
  [
    "load_wanted after a failure loads again",
    play(loading, answer({ type: "sync_failed", error: wire("connection_lost") })).state,
    { type: "load_wanted" },
    "loading",
    ["sync"],
  ],
  [
    "existing_accepted goes on with the proofs",
    play(adding, answer({ type: "adding_failed", error: wire("account_exists") })).state,
    { type: "existing_accepted" },
    "proofs",
    ["test"],
  ],
  [
    "existing_accepted without such an error does nothing",
    found,
    { type: "existing_accepted" },
    "address",
    [],
  ],
  ["went_back from the sign-in", signin, { type: "went_back" }, "address", []],
  ["went_back from the servers", servers, { type: "went_back" }, "address", []],
  ["went_back from the browser", inBrowser, { type: "went_back" }, "adding", ["cancel_signin"]],
  ["went_back from the choice", choosing, { type: "went_back" }, "proofs", []],
  ["went_back while saving waits", saving, { type: "went_back" }, "choose", []],
  ["left from the address", typed, { type: "left" }, "address", ["leave"]],
  ["left from the browser", inBrowser, { type: "left" }, "adding", ["cancel_signin", "leave"]],
];

test.each(TRANSITIONS)("transition %s", (_, from, event, step, effects) => {
  const after = play(from, event);
  expect(after.state.step.kind).toBe(step);
  expect(after.effects.map((effect) => effect.type)).toEqual(effects);
});

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
    const payloadOf = (state: State) => {
      const [effect] = play(state, { type: "choice_submitted" }).effects;
      return effect?.type === "update" ? effect.payload : undefined;
    };
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
