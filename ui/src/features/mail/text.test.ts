import { expect, test } from "vitest";

import type { AttachmentView } from "../../ipc/contract";
import { initials, listedAttachments, readPerson, splitLinks } from "./text";

test.each([
  ["Ewa Lis <ewa@example.com>", "Ewa Lis", "ewa@example.com", "EL"],
  ["ewa.lis@example.com", null, "ewa.lis@example.com", "E"],
  ["<ewa@example.com>", null, "ewa@example.com", "E"],
  ["Сергей Петрович Иванов <s@example.com>", "Сергей Петрович Иванов", "s@example.com", "СИ"],
  ["GitHub <noreply@github.com>", "GitHub", "noreply@github.com", "G"],
  ["", null, "", ""],
])("person %j _is %j %j %j", (text, name, address, letters) => {
  const person = readPerson(text);
  expect(person).toEqual({ name, address });
  expect(initials(person)).toBe(letters);
});

test.each([
  ["no link", [{ text: "no link" }]],
  ["see https://x.test/a?b=c.", [{ text: "see " }, { url: "https://x.test/a?b=c" }, { text: "." }]],
  ["(http://x.test/a)", [{ text: "(" }, { url: "http://x.test/a" }, { text: ")" }]],
  ["https://x.test/a_(b)", [{ url: "https://x.test/a_(b)" }]],
  ["<https://x.test>", [{ text: "<" }, { url: "https://x.test" }, { text: ">" }]],
  ["javascript:alert(1)", [{ text: "javascript:alert(1)" }]],
])("text %j _has_pieces %j", (text, pieces) => {
  expect(splitLinks(text)).toEqual(pieces);
});

const makeAttachment = (part: string, inline: boolean, content_id: string | null): AttachmentView => ({
  part,
  inline,
  content_id,
  left: false,
  filename: "a.png",
  content_type: "image/png",
  size: 1,
});

test("attachments_that_the_text_shows_are_not_listed_again", () => {
  const listed = listedAttachments(
    [
      makeAttachment("1", true, "a"),
      makeAttachment("2", true, "b"),
      makeAttachment("3", false, "a"),
      makeAttachment("4", true, null),
    ],
    new Set(["a"]),
  );
  expect(listed.map(({ part }) => part)).toEqual(["2", "3", "4"]);
});
