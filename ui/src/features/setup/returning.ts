import type { WireError } from "../../ipc/contract";
import type { SignInForm } from "./offers";

/** A field that an error points to. */
export type Field = "password" | "imap" | "smtp" | "issuer";

/** Where a failed attempt leads back to. Everything that was typed is still there. */
export interface Return {
  to: "address" | "signin" | "servers";
  /** The field to look at first. */
  focus: Field | null;
  /** True when there is nothing to say: the person knows. */
  quiet: boolean;
}

const TO_ADDRESS = new Set([
  "account_exists",
  "address_invalid",
  "provider_without_imap",
  "servers_unconfirmed",
]);

const ABOUT_PASSWORD = new Set([
  "auth_failed",
  "auth_app_password_needed",
  "auth_imap_disabled",
  "auth_imap_forbidden",
  "auth_password_off",
  "auth_smtp_disabled",
  "auth_token_refused",
  "auth_web_login_needed",
  "sign_in_again",
]);

/** Codes that may mean that the server is not the right one. */
const ABOUT_SERVER = new Set([
  "auth_mechanism_missing",
  "connect_refused",
  "connect_timeout",
  "name_not_found",
  "provider_unknown",
  "server_nonsense",
  "server_stalled",
  "starttls_injection",
  "starttls_missing",
  "tls_certificate_expired",
  "tls_certificate_invalid",
  "tls_certificate_wrong_host",
  "tls_failed",
]);

function serverOf(error: WireError): Field {
  const { field, port } = error.params;
  return field === "smtp" || [25, 465, 587].includes(Number(port)) ? "smtp" : "imap";
}

/** Where an error of `account_add` leads back to. */
export function returnTo(error: WireError, from: "signin" | "servers", form: SignInForm): Return {
  const { code } = error;
  if (TO_ADDRESS.has(code)) {
    return { to: "address", focus: null, quiet: code === "servers_unconfirmed" };
  }
  if (code === "provider_unknown") {
    return { to: "servers", focus: "imap", quiet: false };
  }
  if (from === "servers" && (ABOUT_SERVER.has(code) || code === "input_invalid")) {
    const aboutIssuer = error.params["field"] === "issuer";
    return { to: "servers", focus: aboutIssuer ? "issuer" : serverOf(error), quiet: false };
  }
  if (ABOUT_PASSWORD.has(code) && form !== "browser") {
    return { to: from, focus: "password", quiet: false };
  }
  return { to: from, focus: null, quiet: code === "cancelled" };
}

/** True when entering servers by hand may get past the error. */
export function mayBeWrongServer(error: WireError): boolean {
  return ABOUT_SERVER.has(error.code);
}
