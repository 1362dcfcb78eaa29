import { describe, expect, test } from "vitest";

import { printRecipient, problemOf, readRecipient, readRecipients, withoutRepeats } from "./recipients";

describe("address", () => {
  test.each([
    ["anna@example.com", null],
    ["Анна@почта.рф", null],
    ["anna+tag@mailroom.test", null],
    ["anna@localhost", null],
    ["anna@[192.0.2.1]", null],
    ['"anna nowak"@example.com', null],
    ["anna", "no_at"],
    ["", "no_at"],
    ["@example.com", "no_name"],
    ["anna@", "no_domain"],
    ["anna@.com", "no_domain"],
    ["anna@example.", "no_domain"],
    ["anna@example..com", "no_domain"],
    ["anna nowak@example.com", "space"],
    ["anna@exam ple.com", "space"],
    ["anna@ewa@example.com", "sign"],
    ["anna..n@example.com", "sign"],
    ["an,na@example.com", "sign"],
    ["anna@exa_mple!.com", "sign"],
    [`${"a".repeat(65)}@example.com`, "long"],
  ])("%s _has_problem %s", (address, problem) => {
    expect(problemOf(address)).toBe(problem);
  });
});

describe("recipient", () => {
  test.each([
    ["anna@x.pl", "", "anna@x.pl", "anna@x.pl"],
    [" Anna Nowak <anna@x.pl> ", "Anna Nowak", "anna@x.pl", "Anna Nowak <anna@x.pl>"],
    ['"Nowak, Anna" <anna@x.pl>', "Nowak, Anna", "anna@x.pl", '"Nowak, Anna" <anna@x.pl>'],
    ['"Anna \\"A\\" N" <anna@x.pl>', 'Anna "A" N', "anna@x.pl", '"Anna \\"A\\" N" <anna@x.pl>'],
    ["anna@x.pl (Anna)", "Anna", "anna@x.pl", "Anna <anna@x.pl>"],
    ["<anna@x.pl>", "", "anna@x.pl", "anna@x.pl"],
    ["mailto:anna@x.pl", "", "anna@x.pl", "anna@x.pl"],
    ["anna@x.pl <anna@x.pl>", "anna@x.pl", "anna@x.pl", "anna@x.pl"],
    ["Anna <anna>", "Anna", "anna", "Anna <anna>"],
  ])("%s _is_read", (typed, name, address, text) => {
    expect(readRecipient(typed)).toMatchObject({ name, address, text });
  });

  test("recipient_printed_is_read_the_same", () => {
    for (const name of ["", "Anna", "Nowak, Anna", 'A "B" C', "A (B)", "Łódź; Zarząd"]) {
      expect(readRecipient(printRecipient(name, "a@x.pl"))).toMatchObject({
        name,
        address: "a@x.pl",
        problem: null,
      });
    }
  });
});

describe("list", () => {
  test.each([
    ["a@x.pl, b@x.pl;c@x.pl\nd@x.pl", ["a@x.pl", "b@x.pl", "c@x.pl", "d@x.pl"]],
    ["Anna <a@x.pl>, Bob <b@x.pl>", ["Anna <a@x.pl>", "Bob <b@x.pl>"]],
    ["Nowak, Anna <a@x.pl>; Lis, Ewa <e@x.pl>", ['"Nowak, Anna" <a@x.pl>', '"Lis, Ewa" <e@x.pl>']],
    ["Nowak, Anna <a@x.pl>, e@x.pl", ['"Nowak, Anna" <a@x.pl>', "e@x.pl"]],
    ['"Nowak, Anna" <a@x.pl>, b@x.pl', ['"Nowak, Anna" <a@x.pl>', "b@x.pl"]],
    ["nobody, a@x.pl", ["nobody", "a@x.pl"]],
    ["a@x.pl b@x.pl\tc@x.pl", ["a@x.pl", "b@x.pl", "c@x.pl"]],
    ["Anna Nowak", ["Anna Nowak"]],
    [" , ;; \n", []],
  ])("%j _is_parted", (list, texts) => {
    expect(readRecipients(list).map(({ text }) => text)).toEqual(texts);
  });
});

test("repeats_go_whatever_their_case_or_name", () => {
  expect(withoutRepeats(["a@x.pl", "Anna <A@x.pl>", "b@x.pl", "?", "?"])).toEqual(["a@x.pl", "b@x.pl", "?"]);
});
