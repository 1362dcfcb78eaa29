import type { AttachmentView } from "../../ipc/contract";

/** A person as a message names them. */
export interface Person {
  name: string | null;
  address: string;
}

/** Reads `Name <address>`, the form in which the core writes people. */
export function readPerson(text: string): Person {
  const found = /^(.*?)\s*<([^<>]*)>$/.exec(text);
  const [, name = "", address = text] = found ?? [];
  return { name: name.trim() === "" ? null : name.trim(), address };
}

/** Up to two letters that stand for a person: of the first and last name, else of the address. */
export function initials(person: Person): string {
  const words = (person.name ?? person.address).split(/[\s.@_-]+/).filter((word) => /^\p{L}/u.test(word));
  const letters = words.length > 1 && person.name !== null ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}

/** A piece of plain text: words, or an address of the web. */
export type TextPiece = { text: string } | { url: string };

/** Plain text in pieces, so that addresses of the web can be followed. What ends a sentence ends an address. */
export function splitLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"]+/g)) {
    const url = withoutTail(found[0]);
    if (found.index > end) {
      pieces.push({ text: text.slice(end, found.index) });
    }
    pieces.push({ url });
    end = found.index + url.length;
  }
  if (end < text.length) {
    pieces.push({ text: text.slice(end) });
  }
  return pieces;
}

function withoutTail(url: string): string {
  const short = url.replace(/[.,;:!?'»”’\]]+$/, "");
  return short.endsWith(")") && !short.includes("(") ? withoutTail(short.slice(0, -1)) : short;
}

/** The attachments to list: all but the pictures that the text itself shows. */
export function listedAttachments(
  attachments: readonly AttachmentView[],
  shownIds: ReadonlySet<string>,
): AttachmentView[] {
  return attachments.filter(
    ({ inline, content_id, left }) => left || !(inline && content_id !== null && shownIds.has(content_id)),
  );
}
