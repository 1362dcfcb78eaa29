/** Why a text is no address, as far as the person can correct it; as in the core's `EmailAddress`. */
export type AddressProblem = "empty" | "no_at" | "local" | "domain" | "too_long";

/** RFC 5321 §4.5.3.1: bytes of the part before the @, and of the whole. */
const LONGEST_LOCAL = 64;
const LONGEST_ADDRESS = 254;

const ATOM = /^[a-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+$/iu;
const QUOTED = /^"[^"\\\p{Cc}]+"$/u;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** The domain as the network spells it (lower case, A-labels), or `null` when it is none. */
export function asciiDomain(domain: string): string | null {
  if (domain === "" || /[\s/?#@:\\[\]%]/u.test(domain)) {
    return null;
  }
  try {
    const host = new URL(`http://${domain}`).hostname;
    const labels = host.split(".");
    const last = labels.at(-1) ?? "";
    const isDomain = labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(last);
    return isDomain && host.length <= 253 ? host : null;
  } catch {
    return null;
  }
}

/** What keeps the text from being an address; `null` when it is one. Letters of every script are letters. */
export function addressProblem(text: string): AddressProblem | null {
  const address = text.trim();
  if (address === "") {
    return "empty";
  }
  const at = address.lastIndexOf("@");
  if (at < 0) {
    return "no_at";
  }
  const local = address.slice(0, at);
  const isLocal = QUOTED.test(local) || local.split(".").every((atom) => ATOM.test(atom));
  if (!isLocal || bytes(local) > LONGEST_LOCAL) {
    return "local";
  }
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === null) {
    return "domain";
  }
  return bytes(local) + 1 + domain.length > LONGEST_ADDRESS ? "too_long" : null;
}

/** The address in one spelling, for comparing. */
export function canonical(address: string): string {
  const text = address.trim();
  const domain = domainOf(text);
  return `${text.slice(0, text.length - domain.length)}${asciiDomain(domain) ?? domain}`.toLowerCase();
}

/** The part after the last @, for showing; empty when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 ? "" : address.slice(at + 1).trim();
}
