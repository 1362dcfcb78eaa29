/** Somebody in a recipient field. */
export interface Recipient {
  /** What was typed, or `Name <address>`. */
  text: string;
  /** The name, possibly empty. */
  name: string;
  /** The address, as far as there is one. */
  address: string;
  /** Why it is no address, when it is none. */
  problem: RecipientProblem | null;
}

export type RecipientProblem = "no_at" | "no_name" | "no_domain" | "space" | "sign" | "long";

/** Reads one recipient: `address`, `Name <address>`, `"Name" <address>` or `address (Name)`. */
export function readRecipient(typed: string): Recipient {
  const text = typed
    .trim()
    .replace(/^mailto:/i, "")
    .replace(/[,;]+$/, "")
    .trim();
  const angled = /^(.*?)\s*<\s*([^<>]*?)\s*>$/su.exec(text);
  if (angled !== null) {
    const [, name = "", address = ""] = angled;
    return made(unquoted(name), address.replace(/^mailto:/i, ""), text);
  }
  const commented = /^(\S+@\S+)\s+\(([^()]*)\)$/u.exec(text);
  if (commented !== null) {
    const [, address = "", name = ""] = commented;
    return made(name.trim(), address, text);
  }
  return made("", text, text);
}

function made(name: string, address: string, text: string): Recipient {
  const problem = problemOf(address);
  return { text: problem === null ? printRecipient(name, address) : text, name, address, problem };
}

function unquoted(name: string): string {
  const inner = /^"(.*)"$/su.exec(name.trim())?.[1];
  return (inner === undefined ? name : inner.replace(/\\(.)/gu, "$1")).replace(/\s+/gu, " ").trim();
}

/** A recipient as the core reads it. A name with signs of its own is put into quotes (RFC 5322 §3.2.4). */
export function printRecipient(name: string, address: string): string {
  if (name === "" || name === address) {
    return address;
  }
  const safe = /[",;<>()@:\\[\]]/u.test(name) ? `"${name.replace(/["\\]/gu, "\\$&")}"` : name;
  return `${safe} <${address}>`;
}

/** What is wrong with an address. Only what no server takes is wrong: letters of every script are fine. */
export function problemOf(address: string): RecipientProblem | null {
  const at = address.lastIndexOf("@");
  if (at < 0) {
    return "no_at";
  }
  const name = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (name === "") {
    return "no_name";
  }
  if (/\s/u.test(address) && !/^".*"$/u.test(name)) {
    return "space";
  }
  const isLiteral = /^\[[\w.:]+\]$/u.test(domain);
  if (domain === "" || (!isLiteral && /^[.-]|[.-]$|\.\.|[.-]{2}$/u.test(domain))) {
    return "no_domain";
  }
  if (
    /[<>()[\]\\,;:"@]/u.test(/^".*"$/u.test(name) ? "" : name) ||
    name.startsWith(".") ||
    name.endsWith(".") ||
    name.includes("..")
  ) {
    return "sign";
  }
  if (!isLiteral && !/^[\p{L}\p{N}\p{M}.-]+$/u.test(domain)) {
    return "sign";
  }
  return name.length > 64 || domain.length > 253 ? "long" : null;
}

/**
 * The recipients of a list that was typed or pasted. Semicolons, line breaks and tabs always part; a comma parts
 * unless it stands in quotes or in a name, as in `Nowak, Anna <anna@x.pl>`.
 */
export function readRecipients(list: string): Recipient[] {
  return splitOutside(list, /[;\n\r\t]/u)
    .flatMap((piece) => joinNames(splitOutside(piece, /,/u)))
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "")
    .flatMap((piece) => splitSpaces(piece))
    .map(readRecipient);
}

/** Splits where `sign` stands outside of quotes and angles. */
function splitOutside(text: string, sign: RegExp): string[] {
  const pieces: string[] = [];
  let piece = "";
  let isQuoted = false;
  let isAngled = false;
  for (const letter of text) {
    if (letter === '"') {
      isQuoted = !isQuoted;
    }
    if (!isQuoted && (letter === "<" || letter === ">")) {
      isAngled = letter === "<";
    }
    if (!isQuoted && !isAngled && sign.test(letter)) {
      pieces.push(piece);
      piece = "";
    } else {
      piece += letter;
    }
  }
  return [...pieces, piece];
}

/** Puts together what a comma in a name parted: a piece without an address, before one with a name and an address. */
function joinNames(pieces: readonly string[]): string[] {
  const joined: string[] = [];
  let open = "";
  for (const piece of pieces) {
    if (open !== "" && /^[^<@]*\S[^<@]*<[^<>]*@/u.test(piece)) {
      joined.push(`${open},${piece}`);
      open = "";
      continue;
    }
    if (open !== "") {
      joined.push(open);
      open = "";
    }
    if (/^[^@<>]*[^@<>\s][^@<>]*$/u.test(piece)) {
      open = piece;
    } else {
      joined.push(piece);
    }
  }
  return open === "" ? joined : [...joined, open];
}

/** Bare addresses with only spaces between them, as a table gives them. */
function splitSpaces(piece: string): string[] {
  const words = piece.split(/\s+/u);
  return words.length > 1 && words.every((word) => problemOf(word) === null) ? words : [piece];
}

/** Recipients without those whose address is there already. Letters count in either case. */
export function withoutRepeats(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const { address } = readRecipient(text);
    const key = address.toLowerCase();
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
