import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { StorageView } from "../../ipc/contract";
import { administratorMessage } from "../setup/administrator";
import { ACCOUNT, ADDRESS, proof, wire } from "../setup/testing/samples";
import { changedAccount, reversedAccount } from "./account";
import { diagnosis } from "./diagnosis";
import { storageParts } from "./storage";
import { webAddress } from "../../shared/signature/link";

describe("account", () => {
  test.each([
    [{ name: "Work" }, { name: "Work" }],
    [{ name: "  " }, { name: ADDRESS }],
    [{ folders: ["INBOX"] }, { folders: ["INBOX"] }],
    [{ folders: [] }, { folders: null }],
    [
      { push: false, interval_min: 60 },
      { push: false, interval_min: 60 },
    ],
  ])("change %j _gives %j", (change, expected) => {
    expect(changedAccount(ACCOUNT, true, change)).toEqual({ ...ACCOUNT, ...expected });
  });

  test("change_of_another_account_takes_only_the_default_away", () => {
    expect(changedAccount(ACCOUNT, false, { push: false })).toBe(ACCOUNT);
    expect(changedAccount(ACCOUNT, false, { is_default: true })).toEqual({ ...ACCOUNT, is_default: false });
  });

  test.each([
    [{}, { period: "all", folders: ["Work"] }],
    [{ folders: ["INBOX"] }, { folders: [] }],
    [
      { name: "Work", sending: false },
      { name: "Other", sending: true, notify: "none" },
    ],
  ])("change_of %j _by %j _can_be_taken_back", (start, change) => {
    const before = { ...ACCOUNT, ...start };
    const after = changedAccount(before, true, change);
    expect(changedAccount(after, true, reversedAccount(before, change))).toEqual(before);
  });
});

const storage = (all: number, index: number, ...kept: number[]): StorageView => ({
  home: "/home/anna",
  database_bytes: all,
  index_bytes: index,
  free_bytes: null,
  accounts: kept.map((bytes, at) => ({
    address: `${at}@example.com`,
    messages: 1,
    original_bytes: 2 * bytes,
    kept_bytes: bytes,
  })),
});

describe("storage", () => {
  test.each([
    [storage(1000, 200, 100, 400), [400, 100, 200, 300], [1, 0.25, 0.5, 0.75]],
    [storage(100, 90, 50), [50, 90, 0], [50 / 90, 1, 0]],
    [storage(0, 0), [0, 0], [0, 0]],
  ])("parts_of_storage %# _are_the_largest_account_first_and_never_negative", (view, bytes, shares) => {
    const parts = storageParts(view);
    expect(parts.map((part) => part.bytes)).toEqual(bytes);
    expect(parts.map((part) => part.share)).toEqual(shares);
    expect(parts.slice(-2).map(({ kind }) => kind)).toEqual(["index", "rest"]);
  });
});

test.each([
  ["example.com", "https://example.com"],
  ["http://example.com/a?b", "http://example.com/a?b"],
  ["anna@example.com", "mailto:anna@example.com"],
  ["tel:+48123", "tel:+48123"],
  ["javascript:alert(1)", null],
  ["JavaScript:alert(1)//.com", null],
  ["data:text/html,x", null],
  ["file:///etc/passwd", null],
  ["two words.com", null],
  ["word", null],
  ["", null],
])("typed_address %j _leads_to %j", (typed, expected) => {
  expect(webAddress(typed)).toBe(expected);
});

const happened = {
  id: 1,
  operation: null,
  proof: null,
  server: null,
  host: null,
  port: null,
  count: null,
  error: null,
  times: 1,
  began_at: 1_795_352_700_000,
  ended_at: 1_795_352_700_000,
};

test("diagnosis_names_what_is_well_and_what_is_wrong", () => {
  const text = diagnosis({
    version: "1.2.3",
    platform: "linux x86_64",
    home: "/home/anna",
    repairs: [],
    checks: [
      { check: "store", passed: true, seen: "3 accounts", error: null },
      { check: "vault", passed: false, seen: "", error: wire("vault_locked") },
    ],
    journals: [
      {
        address: ADDRESS,
        entries: [
          { ...happened, kind: "woke", count: 90 },
          { ...happened, kind: "failed", operation: "receive", error: wire("connect_timeout"), times: 2 },
        ],
      },
    ],
  });
  expect(text).toBe(
    "Mailroom 1.2.3 on linux x86_64\nhome: /home/anna\n" +
      "well  store         3 accounts\nwrong vault         vault_locked: vault_locked for the log\n" +
      `\njournal of ${ADDRESS}\n2026-11-22T13:05:00.000Z failed receive connect_timeout x2\n` +
      "2026-11-22T13:05:00.000Z woke 90\n",
  );
});

const failed = (code: string, fixer: "administrator" | "provider" | "you") =>
  proof("smtp-sign-in", {
    result: "failed",
    tried: [{ server: null, fact: "server", value: "smtp.example.com:587:starttls" }],
    error: {
      ...wire(code, { host: "smtp.example.com", port: 587, address: ADDRESS, reply: "535 5.7.139" }),
      fixer,
    },
  });

describe.each(LOCALES)("message for the administrator in %s", (locale) => {
  const intl = createIntl({ locale, messages: MESSAGES[locale] });
  test.each(["auth_smtp_disabled", "tls_certificate_expired", "moon_full"])(
    "failure %s _names_the_server_the_refusal_and_the_wish",
    (code) => {
      const text = administratorMessage(intl, ADDRESS, [failed(code, "administrator")]) ?? "";
      expect(text).toContain("smtp.example.com:587");
      expect(text).toContain("535 5.7.139");
      expect(text).toContain(ADDRESS);
      expect(text).not.toMatch(/[{}]|undefined|setup\./);
    },
  );

  test("what_the_person_can_mend_needs_no_message", () => {
    expect(administratorMessage(intl, ADDRESS, [failed("auth_failed", "you"), proof("tls")])).toBeNull();
  });
});
