import { problemOf } from "./recipients";

/** The address that a link leads to, from what was typed; nothing when that is no address. */
export function linkOf(typed: string): string | null {
  const text = typed.trim();
  if (text === "" || /\s/u.test(text)) {
    return null;
  }
  if (/^(?:mailto|tel):./i.test(text)) {
    return text;
  }
  if (text.includes("@") && !text.includes("/")) {
    return problemOf(text) === null ? `mailto:${text}` : null;
  }
  const url = /^https?:\/\//i.test(text)
    ? text
    : /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)
      ? null
      : `https://${text}`;
  if (url === null || !URL.canParse(url)) {
    return null;
  }
  const { hostname } = new URL(url);
  return hostname.includes(".") || hostname === "localhost" || hostname.startsWith("[") ? url : null;
}
