import type { IntlShape } from "react-intl";

import type { WireError } from "../../ipc/contract";
import { MESSAGES } from "../../i18n/messages";
import type { MessageKey } from "../../i18n/messages";
import { size } from "../quantity";

/** What there is to say about an error in the reader's language. */
export interface ErrorText {
  /** What happened. */
  title: string;
  /** What it means and what to do. */
  help: string;
  /** Who can do something about it. */
  fixer: string;
  /** The server's own words, when there are any. */
  reply: string | null;
}

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** The key of the text for a code; for a code that this version does not know, that of the sentence that says so. */
export function errorMessageId(code: string, part: "title" | "help" = "title"): MessageKey {
  const key = `error.${code}.${part}`;
  return isKey(key) ? key : `error.unlisted.${part}`;
}

/** Facts that the sentences may name. A sentence has other words where its fact is missing. */
const FACTS = [
  "accounts",
  "address",
  "asked",
  "domain",
  "field",
  "folder",
  "host",
  "issuer",
  "name",
  "path",
  "port",
  "provider",
  "recipient",
  "servers",
  "signed_in",
  "text",
  "url",
] as const;

/** Stands for a missing fact in the `select` of a sentence. */
const MISSING = "none";

/** A reason by code in words; `none` for one that this version does not know. */
export function reasonOf(intl: IntlShape, reason: string): string {
  const key = `error.reason.${reason}`;
  return isKey(key) ? intl.formatMessage({ id: key }) : MISSING;
}

/** The values for the sentences of an error: every fact is there, if only as missing. */
export function errorValues(intl: IntlShape, error: WireError): Record<string, string> {
  const { params } = error;
  const values: Record<string, string> = { code: error.code };
  for (const fact of FACTS) {
    const value = params[fact];
    values[fact] = value === undefined || value === "" ? MISSING : String(value);
  }
  for (const fact of ["size", "limit"]) {
    const bytes = params[fact];
    values[fact] = typeof bytes === "number" ? size(intl, bytes) : MISSING;
  }
  const at = params["backup_at"];
  values["date"] =
    typeof at === "number" ? intl.formatDate(at, { dateStyle: "medium", timeStyle: "short" }) : MISSING;
  values["reason"] = reasonOf(intl, String(params["reason"] ?? ""));
  return values;
}

/** The provider's own page about an error, where the core knows one. */
export function pageOf({ params: { url } }: WireError): string | null {
  return typeof url === "string" && url.startsWith("https://") ? url : null;
}

/** What to say about an error. */
export function errorText(intl: IntlShape, error: WireError): ErrorText {
  const values = errorValues(intl, error);
  const reply = error.params["reply"];
  return {
    title: intl.formatMessage({ id: errorMessageId(error.code, "title") }, values),
    help: intl.formatMessage({ id: errorMessageId(error.code, "help") }, values),
    fixer: intl.formatMessage({ id: `error.fixer.${error.fixer}` }),
    reply: typeof reply === "string" && reply.trim() !== "" ? reply.trim() : null,
  };
}
