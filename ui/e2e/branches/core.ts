import type { AccountView } from "../../src/ipc/contract";
import { failure, stageOf } from "../kit/stage";
import type { Stage } from "../kit/stage";
import type { Visit } from "../kit/browser";

/** Whose mailbox the branches are about. */
export const ANNA = "anna@lipa.example";

/** What a source of the ladder said. */
export const step = (source: string, outcome: string, detail: string | null = null) => ({
  source,
  outcome,
  detail,
});
/** This machine was asked first. */
export const HERE = [step("policy", "not_found"), step("built_in", "not_found")];
/** Nobody knows the servers; the steps are what the network said. */
export const unknown = (...steps: readonly object[]) =>
  failure("provider_unknown", "you", { domain: "lipa.example", steps: JSON.stringify([...HERE, ...steps]) });

/** Who does not know the domain. */
export const IN_VAIN = ["autoconfig", "well_known", "pacc", "ispdb", "srv", "guess"].map((source) =>
  step(source, "not_found"),
);

/** The offer to sign in with a password. */
export const PASSWORD = { method: "password", service: null, url: null, unavailable: null };

/** Servers that were found, as the domain itself names them. */
export const candidate = (change: object) => ({
  provider: null,
  name: null,
  source: "srv",
  agreed: [],
  confirmed: true,
  imap: ["imap.lipa.example:993:tls"],
  smtp: ["smtp.lipa.example:465:tls"],
  username: "address",
  login: null,
  auth: [PASSWORD],
  notes: [],
  help: [],
  web: null,
  ...change,
});

/** This machine knows nobody; the network says this. */
export function detects(stage: Stage, said: Parameters<Stage["says"]>[1]): void {
  stage.says("account_detect", (payload) => {
    if (payload["offline"] === true) {
      return unknown();
    }
    return typeof said === "function" ? said(payload) : said;
  });
}

/** A detection that ended with these, best first. */
export const foundAll = (candidates: readonly object[], ...steps: readonly object[]) => ({
  reply: { address: ANNA, candidates, steps: [...HERE, ...steps], requests: 11 },
});
export const found = (best: object, ...steps: readonly object[]) => foundAll([best], ...steps);

/** A candidate whose mailbox is opened on a page of the service. */
export const withPage = (service: string, name: string) =>
  candidate({ name, auth: [{ method: "oauth2", service, url: null, unavailable: null }, PASSWORD] });
const OWN_PAGE = withPage("https://id.lipa.example", "Lipa");
/** Where the page of the service is. */
export const URL_OF_PAGE = "https://id.lipa.example/authorize?client_id=mailroom&state=4f2a9c07d18be366";

/** Servers that two sources name alike. */
export const CERTAIN = found(
  candidate({ agreed: ["ispdb"] }),
  step("autoconfig", "not_found"),
  step("well_known", "not_found"),
  step("pacc", "not_found"),
  step("ispdb", "found_servers", "imap.lipa.example"),
  step("mx", "unknown_host", "mx.lipa.example"),
  step("srv", "found_servers", "imap.lipa.example"),
);

/** A certificate as an error tells of it. */
export const certificate = (change: object) => ({
  subject: "mail.lipa.example",
  issuer: "Lipa office authority",
  names: ["mail.lipa.example", "lipa.example"],
  from: Date.UTC(2025, 2, 1),
  until: Date.UTC(2027, 2, 1),
  fingerprint: "4f2a9c07d18be36655aa0f3c72e4911d".repeat(2),
  ...change,
});
const CHAIN = JSON.stringify([
  certificate({}),
  certificate({
    subject: "Lipa office authority",
    issuer: "Lipa office authority",
    names: [],
    fingerprint: "90d1c2".repeat(10) + "abcd",
  }),
]);
/** Nobody vouches for the certificate of this port. */
export const untrusted = (port: number) =>
  failure("tls_certificate_invalid", "provider", {
    host: "imap.lipa.example",
    port,
    reason: "unknown_issuer",
    chain: CHAIN,
    fingerprint: certificate({}).fingerprint,
  });

/** One fact of a proof. */
export const fact = (kind: string, value: string | number, server: string | null = null) => ({
  server,
  fact: kind,
  value,
});
/** One proof of the Test. */
export const proof = (kind: string, change: object = {}) => ({
  proof: kind,
  result: "passed",
  tried: [],
  seen: [],
  took_ms: 24,
  skipped: null,
  error: null,
  ...change,
});
const UNTIL = Date.UTC(2027, 1, 3);
const [IMAP, SMTP] = ["imap.lipa.example:993:tls", "smtp.lipa.example:465:tls"];
/** All of them, passed. */
export const PROOFS = [
  proof("name-lookup", {
    tried: [fact("server", IMAP, "imap"), fact("server", SMTP, "smtp")],
    seen: [fact("ip_addresses", "192.0.2.7 2001:db8::7", "imap"), fact("ip_addresses", "192.0.2.8", "smtp")],
  }),
  proof("tls", {
    tried: [fact("server", IMAP, "imap"), fact("server", SMTP, "smtp")],
    seen: ["imap", "smtp"].flatMap((server) => [
      fact("tls_version", "TLSv1.3", server),
      fact("issuer", "Lipa office authority", server),
      fact("valid_until", UNTIL, server),
    ]),
    took_ms: 61,
  }),
  proof("imap-sign-in", { tried: [fact("server", IMAP), fact("user_name", ANNA)], took_ms: 118 }),
  proof("folder-list", { seen: [fact("folders", 14)] }),
  proof("read-header", { tried: [fact("folder", "INBOX")], seen: [fact("messages", 4217)] }),
  proof("smtp-sign-in", {
    tried: [fact("server", SMTP), fact("user_name", ANNA)],
    seen: [fact("size_limit", 25_000_000)],
    took_ms: 131,
  }),
  proof("right-to-send", { tried: [fact("address", ANNA)] }),
  proof("push", { took_ms: 1012 }),
];
/** A proof that did not pass, with what was tried. */
export const failed = (kind: string, { error }: ReturnType<typeof failure>) =>
  proof(kind, { result: "failed", error, tried: PROOFS.find((known) => known.proof === kind)?.tried ?? [] });

/** The Test of these proofs. */
export const report = (...proofs: readonly { result: string }[]) => ({
  reply: {
    address: ANNA,
    proofs,
    passed: proofs.every(({ result }) => result !== "failed"),
    report: "account a…@lipa.example",
  },
});

/** An account as the list has it. */
export const account = (change: Partial<AccountView>): AccountView => ({
  id: 1,
  address: ANNA,
  provider: null,
  state: "working",
  auth: "password",
  sign_ins: [],
  imap: IMAP,
  smtp: SMTP,
  period: "quarter",
  folders: null,
  messages: 0,
  unread: 0,
  received_at: null,
  error: null,
  name: ANNA,
  identities: [],
  setup_done: false,
  automatic: true,
  interval_min: 5,
  download_up_to_mb: 20,
  push: true,
  sending: true,
  is_default: true,
  notify: "default",
  approval: null,
  signed_in_as: null,
  condition: "working",
  retry_at: null,
  ...change,
});

/** Begins anew, and types the address. */
export async function begin(visit: Visit, address = ANNA): Promise<Stage> {
  const stage = await stageOf(visit);
  await stage.clear();
  await visit.field("setup.address.label").fill(address);
  return stage;
}

/** Connects with a password, as far as the core says; `error` is what it says. */
export async function signIn(visit: Visit, error: ReturnType<typeof failure>): Promise<void> {
  const stage = await begin(visit);
  detects(stage, CERTAIN);
  stage.says("account_add", error);
  await visit.page.keyboard.press("Enter");
  await visit.press("setup.continue");
  await visit.field("setup.signin.password.label").fill("secret");
  await visit.press("setup.signin.password.action");
  await visit.page.getByRole("alert").waitFor();
}

/** Goes to the page of the service, as far as the core says. */
export async function goToPage(visit: Visit, said: Parameters<Stage["says"]>[1]): Promise<Stage> {
  const stage = await begin(visit);
  detects(stage, found(OWN_PAGE, step("srv", "found_servers")));
  stage.says("account_add", said);
  await visit.page.keyboard.press("Enter");
  await visit.press("setup.continue");
  await visit.press("setup.signin.browser.action");
  return stage;
}

/** Connects, and proves what the core says. */
export async function prove(visit: Visit, said: Parameters<Stage["says"]>[1]): Promise<Stage> {
  const stage = await begin(visit);
  detects(stage, CERTAIN);
  stage.says("account_add", { reply: account({}) });
  stage.says("account_test", said);
  await visit.page.keyboard.press("Enter");
  await visit.press("setup.continue");
  await visit.field("setup.signin.password.label").fill("secret");
  await visit.press("setup.signin.password.action");
  await visit.see("setup.proofs.title");
  return stage;
}
