import { createIntl } from "react-intl";
import { expect, test } from "vitest";

import { MESSAGES } from "../../i18n/messages";
import { addressProblem, asciiDomain } from "./address";
import { firstChoice, folderTree, toggled } from "./folders";
import type { FolderNode } from "./folders";
import { stepsOf } from "./ladder";
import { EMPTY_LOAD, figures, withProgress } from "./load";
import { usableForms } from "./offers";
import { factLines } from "./proofFacts";
import { PROOFS, proofLines, verdictOf } from "./proofs";
import { returnTo } from "./returning";
import { readEndpoint, serverProblem, withSecurity, writeEndpoint } from "./servers";
import { isIssuer } from "./state";
import { APP_PASSWORD, FOLDERS, OAUTH, PASSED, candidate, proof, wire } from "./testing/samples";

test.each([
  ["", "empty"],
  ["  ", "empty"],
  ["anna", "no_at"],
  ["@example.com", "local"],
  ["an na@example.com", "local"],
  ["anna..b@example.com", "local"],
  [`${"a".repeat(65)}@example.com`, "local"],
  ["anna@", "domain"],
  ["anna@example", "domain"],
  ["anna@-x.com", "domain"],
  ["anna@127.0.0.1", "domain"],
  ["anna@exa mple.com", "domain"],
  ["anna@example.com/x", "domain"],
  [`anna.nowak@${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.pl`, "too_long"],
  ["anna@example.com", null],
  [" Anna.Nowak+x@Example.COM ", null],
  ['"anna nowak"@example.com', null],
  ["łukasz@żółw.pl", null],
  ["анна@почта.рф", null],
])("address %j _has_the_problem %j", (text, problem) => {
  expect(addressProblem(text)).toBe(problem);
});

test("domain_with_other_letters_is_spelt_as_the_network_does", () => {
  expect(asciiDomain("Żółw.PL")).toBe("xn--w-uga1v8h.pl");
  expect(asciiDomain("a:80.pl")).toBeNull();
});

test.each([
  ["imap.example.com:993:tls", { host: "imap.example.com", port: "993", security: "tls" }],
  ["[::1]:143:starttls", { host: "[::1]", port: "143", security: "starttls" }],
  ["imap.example.com:993", null],
  ["imap.example.com:993:none", null],
])("endpoint %s _is_read_and_written_back", (text, form) => {
  const read = readEndpoint(text);
  expect(read).toEqual(form);
  expect(read === null ? text : writeEndpoint(read)).toBe(text);
});

test.each([
  ["imap.example.com", "993", null],
  ["localhost", "1", null],
  ["mail", "65535", null],
  ["192.0.2.1", "143", null],
  ["почта.рф", "993", null],
  ["", "993", "host"],
  ["https://x.pl", "993", "host"],
  ["x.pl", "0", "port"],
  ["x.pl", "65536", "port"],
  ["x.pl", "99x", "port"],
])("server %j port %j _has_the_problem %j", (host, port, problem) => {
  expect(serverProblem({ host, port, security: "tls" })).toBe(problem);
});

test("port_follows_the_security_only_when_it_was_the_usual_one", () => {
  const form = { host: "x.pl", port: "993", security: "tls" } as const;
  expect(withSecurity("imap", form, "starttls").port).toBe("143");
  expect(withSecurity("imap", { ...form, port: "1993" }, "starttls").port).toBe("1993");
  expect(withSecurity("smtp", { ...form, port: "465" }, "starttls").port).toBe("587");
});

test("forms_that_can_be_used_are_best_first_without_the_unavailable", () => {
  expect(usableForms(OAUTH)).toEqual(["browser", "app-password"]);
  expect(usableForms(APP_PASSWORD)).toEqual(["app-password"]);
  expect(usableForms(candidate({ auth: [] }))).toEqual(["password"]);
  expect(
    usableForms(
      candidate({ auth: [{ method: "oauth2", service: null, url: null, unavailable: "partner_only" }] }),
    ),
  ).toEqual([]);
});

const outline = (nodes: FolderNode[]): unknown[] =>
  nodes.map(({ name, children }) => (children.length === 0 ? name : [name, outline(children)]));

test("folders_become_a_tree_with_the_known_ones_first", () => {
  expect(outline(folderTree(FOLDERS, "en"))).toEqual([
    "INBOX",
    "Sent",
    ["Shared", ["Office"]],
    ["Work", ["2026"]],
  ]);
});

test("choosing_a_parent_chooses_no_child", () => {
  expect(toggled([], "Work")).toEqual(["Work"]);
  expect(toggled(["Work/2026", "Work"], "Work")).toEqual(["Work/2026"]);
  expect(firstChoice(FOLDERS)).toEqual(["INBOX", "Sent"]);
});

function step(messages: number) {
  return { messages, messagesTotal: 100, bytes: messages * 1000, bytesTotal: 100_000 };
}

test("load_tells_sums_rate_and_time_left", () => {
  const first = withProgress(EMPTY_LOAD, "INBOX", step(10), 1000);
  expect(figures(first)).toMatchObject({ messages: 10, share: 0.1, bytesPerSecond: null, secondsLeft: null });
  const later = withProgress(first, "INBOX", step(30), 3000);
  expect(figures(later)).toMatchObject({ messages: 30, bytesPerSecond: 10_000, secondsLeft: 7 });
  const two = withProgress(later, "Sent", step(10), 4000);
  expect(figures(two)).toMatchObject({ messages: 40, messagesTotal: 200, share: 0.2 });
  expect(withProgress(two, "Sent", step(11), 60_000).samples).toHaveLength(1);
  expect(figures(EMPTY_LOAD)).toMatchObject({ share: null, secondsLeft: null });
});

test("proof_lines_show_what_ended_what_runs_and_what_waits", () => {
  const states = proofLines([proof("name-lookup"), proof("tls", { result: "failed" })], true).map(
    ({ state }) => state,
  );
  expect(states).toEqual([
    "passed",
    "failed",
    "running",
    "waiting",
    "waiting",
    "running",
    "waiting",
    "waiting",
  ]);
  expect(proofLines([], false).every(({ state }) => state === "waiting")).toBe(true);
});

test.each([
  [[], "all"],
  [["push"], "receiving"],
  [["smtp-sign-in"], "receiving"],
  // As when only the certificate of the server for sending failed.
  [["tls"], "receiving"],
  [["read-header", "push"], "broken"],
])("verdict_with %j _failed_is %s", (failed, verdict) => {
  const proofs = PASSED.map(({ proof: kind }) =>
    proof(kind, failed.includes(kind) ? { result: "failed", error: wire("x") } : {}),
  );
  expect(verdictOf(proofs)).toBe(verdict);
});

test.each([
  [[], false, ["name-lookup"]],
  [["name-lookup"], false, ["tls"]],
  // The server for sending was quicker: of the proofs about both, the other half is still at work.
  [["name-lookup", "smtp-sign-in"], false, ["tls", "right-to-send"]],
  [["name-lookup", "tls", "imap-sign-in", "smtp-sign-in", "right-to-send"], false, ["folder-list"]],
  [PROOFS, true, ["full-loop"]],
])("after %j _with_loop_%s _these_are_at_work", (ended, fullLoop, expected) => {
  const lines = proofLines(
    ended.map((kind) => proof(kind)),
    true,
    fullLoop,
  );
  expect(lines.filter(({ state }) => state === "running").map(({ kind }) => kind)).toEqual(expected);
});

const fact = (server: string | null, kind: string, value: string | number) => ({
  server,
  fact: kind,
  value,
});

test("facts_stand_in_a_line_for_each_server", () => {
  const intl = createIntl({ locale: "en", messages: MESSAGES.en, timeZone: "UTC" });
  const tls = proof("tls", {
    tried: [fact("imap", "server", "imap.x.pl:993:tls"), fact("smtp", "server", "smtp.x.pl:465:tls")],
    seen: [
      fact("imap", "tls_version", "TLSv1.3"),
      fact("imap", "cipher", "X"),
      fact("smtp", "valid_until", 1_795_352_700_000),
      fact("smtp", "error", "connect_refused"),
    ],
  });
  expect(factLines(intl, tls)).toEqual([
    "imap.x.pl:993 · TLS 1.3",
    "smtp.x.pl:465 · valid until Nov 22, 2026 · The server does not accept connections",
  ]);
  const loop = proof("full-loop", { seen: [fact(null, "came_after", 2345), fact(null, "folder", "INBOX")] });
  expect(factLines(intl, loop)).toEqual(["arrived after 2.3 s · INBOX"]);
});

test("error_about_the_issuer_leads_to_its_field", () => {
  expect(returnTo(wire("input_invalid", { field: "issuer" }), "servers", "browser")).toEqual({
    to: "servers",
    focus: "issuer",
    quiet: false,
  });
});

test.each([
  [undefined, []],
  ["not json", []],
  ['{"source":"mx"}', []],
  ['[{"source":"mx"},{"outcome":"found"}]', []],
  [
    '[{"source":"mx","outcome":"failed","code":"connect_timeout"}]',
    [{ source: "mx", outcome: "failed", detail: "connect_timeout" }],
  ],
])("steps_of_a_failed_detection %j _are_read", (steps, expected) => {
  expect(stepsOf(wire("provider_unknown", steps === undefined ? {} : { steps }))).toEqual(expected);
});

test.each([
  ["https://id.example.com", true],
  [" https://id.example.com/realms/a ", true],
  ["http://127.0.0.1:8080", true],
  ["http://id.example.com", false],
  ["id.example.com", false],
  ["", false],
])("issuer %j _is_one: %s", (text, expected) => {
  expect(isIssuer(text)).toBe(expected);
});
