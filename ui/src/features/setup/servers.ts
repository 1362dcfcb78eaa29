import { asciiDomain } from "./address";

/** `tls`: encrypted from the first byte. `starttls`: encrypted on request, before anything else. */
export type Security = "tls" | "starttls";

/** A server as it stands in the form: text, right or not. */
export interface ServerForm {
  host: string;
  port: string;
  security: Security;
}

/** Which of the two servers. */
export type ServerKind = "imap" | "smtp";

/** What is wrong with a server of the form. */
export type ServerProblem = "host" | "port";

/** The usual port of a server (RFC 8314 §3.3 and 3.2). */
export function usualPort(kind: ServerKind, security: Security): string {
  if (kind === "imap") {
    return security === "tls" ? "993" : "143";
  }
  return security === "tls" ? "465" : "587";
}

/** An empty form with the usual port. */
export function emptyServer(kind: ServerKind): ServerForm {
  return { host: "", port: usualPort(kind, "tls"), security: "tls" };
}

/** `HOST:PORT:SECURITY` as a form; `null` when the text is none. */
export function readEndpoint(text: string): ServerForm | null {
  const match = /^(?<host>.+):(?<port>\d{1,5}):(?<security>tls|starttls)$/.exec(text);
  const { host, port, security } = match?.groups ?? {};
  if (host === undefined || port === undefined || (security !== "tls" && security !== "starttls")) {
    return null;
  }
  return { host, port, security };
}

/** The form as `HOST:PORT:SECURITY`. */
export function writeEndpoint(form: ServerForm): string {
  return `${form.host.trim()}:${form.port.trim()}:${form.security}`;
}

const isHost = (host: string) =>
  host === "localhost" ||
  asciiDomain(host) !== null ||
  /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ||
  /^\[[0-9a-f:.]+\]$/i.test(host) ||
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(host);

/** What keeps the form from being a server; `null` when it is one. */
export function serverProblem(form: ServerForm): ServerProblem | null {
  if (!isHost(form.host.trim())) {
    return "host";
  }
  const port = form.port.trim();
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  return isPort ? null : "port";
}

/** The form with another kind of security. A port that was the usual one follows; another one stays. */
export function withSecurity(kind: ServerKind, form: ServerForm, security: Security): ServerForm {
  const followed = form.port.trim() === "" || form.port.trim() === usualPort(kind, form.security);
  return { ...form, security, port: followed ? usualPort(kind, security) : form.port };
}

/** Host and port of `HOST:PORT:SECURITY`, for agreeing to. */
export function hostAndPort(endpoint: string): string {
  const read = readEndpoint(endpoint);
  return read === null ? endpoint : `${read.host}:${read.port}`;
}

/** The host of `HOST:PORT:SECURITY`, for showing. */
export function hostOf(endpoint: string): string {
  return readEndpoint(endpoint)?.host ?? endpoint;
}
