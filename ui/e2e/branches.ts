import type { AccountView } from "../src/ipc/contract";
import { failure, stageOf } from "./kit/stage";
import type { Stage } from "./kit/stage";
import type { Visit } from "./kit/browser";
import type { Screen } from "./screens";

const ANNA = "anna@lipa.example";
const LOCAL = "localhost";

const step = (source: string, outcome: string, detail: string | null = null) => ({ source, outcome, detail });
const HERE = [step("policy", "not_found"), step("built_in", "not_found")];
const unknown = (...steps: readonly object[]) =>
  failure("provider_unknown", "you", { domain: "lipa.example", steps: JSON.stringify([...HERE, ...steps]) });

/** Who does not know the domain. */
const IN_VAIN = ["autoconfig", "well_known", "pacc", "ispdb", "srv", "guess"].map((source) =>
  step(source, "not_found"),
);

const PASSWORD = { method: "password", service: null, url: null, unavailable: null };

const candidate = (change: object) => ({
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
function detects(stage: Stage, said: Parameters<Stage["says"]>[1]): void {
  stage.says("account_detect", (payload) => {
    if (payload["offline"] === true) {
      return unknown();
    }
    return typeof said === "function" ? said(payload) : said;
  });
}

const foundAll = (candidates: readonly object[], ...steps: readonly object[]) => ({
  reply: { address: ANNA, candidates, steps: [...HERE, ...steps], requests: 11 },
});
const found = (best: object, ...steps: readonly object[]) => foundAll([best], ...steps);

/** A candidate whose mailbox is opened on a page of the service. */
const withPage = (service: string, name: string) =>
  candidate({ name, auth: [{ method: "oauth2", service, url: null, unavailable: null }, PASSWORD] });
const OWN_PAGE = withPage("https://id.lipa.example", "Lipa");
const URL_OF_PAGE = "https://id.lipa.example/authorize?client_id=mailroom&state=4f2a9c07d18be366";

const CERTAIN = found(
  candidate({ agreed: ["ispdb"] }),
  step("autoconfig", "not_found"),
  step("well_known", "not_found"),
  step("pacc", "not_found"),
  step("ispdb", "found_servers", "imap.lipa.example"),
  step("mx", "unknown_host", "mx.lipa.example"),
  step("srv", "found_servers", "imap.lipa.example"),
);

const certificate = (change: object) => ({
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
const untrusted = (port: number) =>
  failure("tls_certificate_invalid", "provider", {
    host: "imap.lipa.example",
    port,
    reason: "unknown_issuer",
    chain: CHAIN,
    fingerprint: certificate({}).fingerprint,
  });

const fact = (kind: string, value: string | number, server: string | null = null) => ({
  server,
  fact: kind,
  value,
});
const proof = (kind: string, change: object = {}) => ({
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
const PROOFS = [
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
const failed = (kind: string, { error }: ReturnType<typeof failure>) =>
  proof(kind, { result: "failed", error, tried: PROOFS.find((known) => known.proof === kind)?.tried ?? [] });

const report = (...proofs: readonly { result: string }[]) => ({
  reply: {
    address: ANNA,
    proofs,
    passed: proofs.every(({ result }) => result !== "failed"),
    report: "account a…@lipa.example",
  },
});

/** An account as the list has it. */
const account = (change: Partial<AccountView>): AccountView => ({
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
async function begin(visit: Visit, address = ANNA): Promise<Stage> {
  const stage = await stageOf(visit);
  await stage.clear();
  await visit.field("setup.address.label").fill(address);
  return stage;
}

/** Connects with a password, as far as the core says; `error` is what it says. */
async function signIn(visit: Visit, error: ReturnType<typeof failure>): Promise<void> {
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
async function goToPage(visit: Visit, said: Parameters<Stage["says"]>[1]): Promise<Stage> {
  const stage = await begin(visit);
  detects(stage, found(OWN_PAGE, step("srv", "found_servers")));
  stage.says("account_add", said);
  await visit.page.keyboard.press("Enter");
  await visit.press("setup.continue");
  await visit.press("setup.signin.browser.action");
  return stage;
}

/** Connects, and proves what the core says. */
async function prove(visit: Visit, said: Parameters<Stage["says"]>[1]): Promise<Stage> {
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

/** The branches of the wizard that the servers of a test do not bring about by themselves: the core's part is written down. */
export const BRANCHES: readonly Screen[] = [
  {
    name: "ladder while it is asked",
    open: async (visit) => {
      const stage = await begin(visit);
      detects(stage, "nothing");
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.source.srv", { domain: "lipa.example" });
      const told = [
        step("well_known", "not_found"),
        step("pacc", "failed", "connect_timeout"),
        step("mx", "unknown_host", "mx.hoster.example"),
        step("srv", "found_servers", "imap.lipa.example"),
        step("mx_autoconfig", "asking"),
      ];
      await stage.tells(...told.map((one) => ({ event: "detection_stepped", address: ANNA, step: one })));
      await visit.see("setup.source.mx_autoconfig");
    },
  },
  {
    name: "servers that the domain names",
    open: async (visit) => {
      detects(await begin(visit), CERTAIN);
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.found.password");
    },
  },
  {
    name: "servers that need an agreement",
    open: async (visit) => {
      const outside = candidate({
        name: "Mail for everybody",
        source: "autoconfig",
        confirmed: false,
        imap: ["imap.hoster-elsewhere.example:993:tls"],
        smtp: ["smtp.hoster-elsewhere.example:587:starttls"],
        notes: [
          { code: "mail_goes_elsewhere", url: null },
          { code: "servers_outside_domain", url: null },
        ],
      });
      const steps = [
        step("autoconfig", "found_servers", "imap.hoster-elsewhere.example"),
        step("mx", "unknown_host", "mx.lipa.example"),
      ];
      detects(await begin(visit), found(outside, ...steps));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.approve.title");
    },
  },
  {
    name: "nobody knows the servers",
    open: async (visit) => {
      const mx = step("mx", "unknown_host", "mx.lipa.example");
      detects(await begin(visit), unknown(mx, ...IN_VAIN));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.unencrypted.ask");
    },
  },
  {
    name: "list of the providers",
    open: async ({ page, press, see, word }) => {
      await press("setup.provider.choose");
      await see("setup.provider.help");
      const use = page.getByRole("button", { name: word("setup.provider.use") });
      await use.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "sources that could not be asked",
    open: async (visit) => {
      const steps = [
        step("autoconfig", "failed", "tls_certificate_invalid"),
        step("well_known", "failed", "server_unavailable"),
        step("pacc", "failed", "connect_refused"),
        step("ispdb", "failed", "connect_timeout"),
        step("mx", "failed", "network_unreachable"),
        step("srv", "failed", "network_unreachable"),
      ].map(({ source, outcome, detail }) => ({ source, outcome, code: detail }));
      const lost = failure("network_unreachable", "you", {
        domain: "lipa.example",
        steps: JSON.stringify([...HERE, ...steps]),
      });
      detects(await begin(visit), lost);
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.unencrypted.more");
    },
  },
  {
    name: "servers that were found unencrypted",
    open: async (visit) => {
      const suspected = candidate({
        source: "plain_autoconfig",
        confirmed: false,
        notes: [{ code: "found_unencrypted", url: null }],
      });
      const steps = [...IN_VAIN.slice(0, 4), step("plain_autoconfig", "found_servers", "imap.lipa.example")];
      detects(await begin(visit), found(suspected, ...steps));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.note.found_unencrypted");
    },
  },
  {
    name: "servers that were only guessed",
    open: async (visit) => {
      const suspected = candidate({
        source: "guess",
        confirmed: false,
        notes: [{ code: "only_guessed", url: null }],
      });
      const steps = [...IN_VAIN.slice(0, 5), step("guess", "found_servers", "imap.lipa.example")];
      detects(await begin(visit), found(suspected, ...steps));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.note.only_guessed");
    },
  },
  {
    name: "servers that are every customer's own",
    open: async (visit) => {
      const own = candidate({
        provider: "lipa",
        name: "Lipa hosting",
        source: "mx",
        imap: [],
        smtp: [],
        notes: [{ code: "servers_must_be_entered", url: null }],
      });
      detects(await begin(visit), found(own, step("mx", "found", "lipa")));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.note.servers_must_be_entered");
    },
  },
  {
    name: "other answers",
    open: async (visit) => {
      const elsewhere = candidate({
        source: "autoconfig",
        confirmed: false,
        imap: ["imap.hoster-elsewhere.example:993:tls"],
        smtp: ["smtp.hoster-elsewhere.example:587:starttls"],
        notes: [{ code: "servers_outside_domain", url: null }],
      });
      const listed = candidate({ provider: "lipa", name: "Lipa hosting", source: "mx" });
      detects(
        await begin(visit),
        foundAll(
          [candidate({ agreed: ["ispdb"] }), elsewhere, listed],
          step("autoconfig", "found_servers", "imap.hoster-elsewhere.example"),
          step("ispdb", "found_servers", "imap.lipa.example"),
          step("mx", "found", "lipa"),
          step("srv", "found_servers", "imap.lipa.example"),
        ),
      );
      await visit.page.keyboard.press("Enter");
      await visit.page.getByText(visit.word("setup.others"), { exact: true }).click();
      await visit.see("setup.others.use");
      await visit.page.getByText(visit.word("setup.provider.help")).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "kind of a Microsoft account",
    open: async (visit) => {
      const stage = await begin(visit);
      detects(stage, found(withPage("microsoft", "Microsoft 365"), step("mx", "found", "microsoft365")));
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.see("setup.signin.kind");
    },
  },
  {
    name: "mailbox that several people share",
    open: async (visit) => {
      await visit.page.getByText(visit.word("setup.signin.shared"), { exact: true }).click();
      await visit.field("setup.signin.shared.label").fill("jan@lipa.example");
    },
  },
  {
    name: "browser that does not open",
    open: async (visit) => {
      const stage = await goToPage(visit, "nothing");
      await visit.page.evaluate(() => {
        globalThis.open = () => {
          throw new Error("no browser");
        };
      });
      await stage.tells({ event: "signin_opened", address: ANNA, url: URL_OF_PAGE });
      await visit.see("setup.browser.failed");
    },
  },
  {
    name: "pasted answer that is refused",
    open: async (visit) => {
      const stage = await stageOf(visit);
      stage.says(
        "signin_answer",
        failure("oauth_state_mismatch", "you", { issuer: "https://id.lipa.example" }),
      );
      await visit.field("setup.browser.paste").fill("https://localhost/?code=of-yesterday");
      await visit.press("setup.browser.answer");
      const alert = visit.page.getByRole("alert");
      await alert.waitFor();
      await alert.scrollIntoViewIfNeeded();
    },
  },
  ...["oauth_denied", "oauth_timeout"].map((code) => ({
    name: `page that ended with ${code}`,
    open: async (visit: Visit) => {
      await goToPage(visit, failure(code, "you", { issuer: "https://id.lipa.example" }));
      await visit.see("approval.pageSaid");
    },
  })),
  {
    name: "account that is here already",
    open: async (visit) => {
      await goToPage(visit, failure("account_exists", "you", { address: ANNA }));
      await visit.see("setup.address.existing");
    },
  },
  {
    name: "app password that is needed",
    open: async (visit) => {
      const stage = await begin(visit);
      const url = "https://lipa.example/app-passwords";
      const offer = { method: "app-password", service: null, url, unavailable: null };
      detects(
        stage,
        found(candidate({ name: "Lipa", auth: [PASSWORD, offer] }), step("srv", "found_servers")),
      );
      stage.says(
        "account_add",
        failure("auth_app_password_needed", "you", { host: "imap.lipa.example", port: 993, url }),
      );
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.field("setup.signin.password.label").fill("secret");
      await visit.press("setup.signin.password.action");
      await visit.see("setup.signin.app-password.label");
    },
  },
  {
    name: "IMAP is switched off",
    open: (visit) =>
      signIn(
        visit,
        failure("auth_imap_disabled", "you", {
          host: "imap.lipa.example",
          port: 993,
          url: "https://lipa.example/help",
          reply: "Your account is not enabled for IMAP use.",
        }),
      ),
  },
  {
    name: "certificate of another host",
    open: (visit) =>
      signIn(
        visit,
        failure("tls_certificate_wrong_host", "provider", {
          host: "imap.lipa.example",
          port: 993,
          chain: JSON.stringify([
            certificate({ subject: "www.hoster.example", names: ["www.hoster.example", "hoster.example"] }),
          ]),
        }),
      ),
  },
  {
    name: "provider without IMAP",
    open: async (visit) => {
      await begin(visit, "anna@tuta.com");
      await visit.page.keyboard.press("Enter");
      await visit.page.getByRole("alert").waitFor();
    },
  },
  {
    name: "app password first",
    open: async (visit) => {
      await begin(visit, "anna@gmail.com");
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.see("setup.signin.before");
    },
  },
  {
    name: "web page wants to be visited first",
    open: (visit) =>
      signIn(
        visit,
        failure("auth_web_login_needed", "you", {
          host: "imap.lipa.example",
          port: 993,
          url: "https://lipa.example/help",
          reply: "Web login required (Failure)",
        }),
      ),
  },
  {
    name: "passwords are off",
    open: (visit) =>
      signIn(
        visit,
        failure("auth_password_off", "you", {
          host: "imap.lipa.example",
          port: 993,
          url: "https://lipa.example/help",
          reply: "BasicAuthBlocked",
        }),
      ),
  },
  {
    name: "IMAP is forbidden",
    open: (visit) =>
      signIn(
        visit,
        failure("auth_imap_forbidden", "administrator", {
          host: "imap.lipa.example",
          port: 993,
          url: "https://lipa.example/help",
          reply: "IMAP access is not allowed for this account.",
        }),
      ),
  },
  {
    name: "another mailbox signed in",
    open: async (visit) => {
      const stage = await begin(visit);
      const browser = { method: "oauth2", service: "https://id.lipa.example", url: null, unavailable: null };
      detects(
        stage,
        found(candidate({ name: "Lipa", auth: [browser, PASSWORD] }), step("srv", "found_servers")),
      );
      const wrong = { asked: ANNA, signed_in: "office@lipa.example" };
      stage.says("account_add", failure("oauth_wrong_mailbox", "you", wrong));
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.press("setup.signin.browser.action");
      await visit.page.getByRole("alert").waitFor();
    },
  },
  {
    name: "servers by hand that are tried",
    open: async (visit, office) => {
      const stage = await begin(visit);
      detects(stage, unknown(...IN_VAIN));
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.address.enterServers");
      const [, imapPort = ""] = office.imap.split(":");
      const [imap, smtp] = [visit.page.getByRole("group").first(), visit.page.getByRole("group").nth(1)];
      await imap.getByLabel(visit.word("setup.servers.host")).fill(LOCAL);
      await imap.getByLabel(visit.word("setup.servers.port")).fill(imapPort);
      await smtp.getByLabel(visit.word("setup.servers.host")).fill(LOCAL);
      await smtp.getByLabel(visit.word("setup.servers.port")).fill("1");
      await visit.see("setup.probe.answers", { server: `${LOCAL}:${imapPort}` });
      await visit.see("setup.probe.try", { tls: "465", starttls: "587" });
    },
  },
  {
    name: "certificate that nobody vouches for",
    open: async (visit) => {
      await signIn(visit, untrusted(993));
      await visit.see("certificate.trust");
    },
  },
  {
    name: "certificate that the person would trust",
    open: async ({ press, see }) => {
      await press("certificate.trust");
      await see("certificate.trust.yes");
    },
  },
  {
    name: "proofs while they run",
    open: async (visit) => {
      const stage = await prove(visit, "nothing");
      const ended = PROOFS.filter(({ proof: kind }) =>
        /^(name-lookup|tls|imap-sign-in|smtp-sign-in)$/.test(kind),
      );
      await stage.tells(...ended.map((one) => ({ event: "proof_ended", address: ANNA, proof: one })));
      await visit.see("setup.proofs.running", { done: 4, all: 8 });
    },
  },
  {
    name: "proofs that failed",
    open: async (visit) => {
      const [lookup, , signedIn, folders] = PROOFS;
      const smtp = { host: "smtp.lipa.example", port: 465 };
      const expired = failure("tls_certificate_expired", "provider", {
        ...smtp,
        reason: "expired",
        chain: JSON.stringify([certificate({ until: Date.UTC(2026, 10, 1), issuer: "Let’s Encrypt R11" })]),
        fingerprint: certificate({}).fingerprint,
      });
      await prove(
        visit,
        report(
          ...[lookup, signedIn, folders].filter((line) => line !== undefined),
          failed("tls", expired),
          failed("read-header", failure("internal", "mailroom")),
          failed(
            "smtp-sign-in",
            failure("auth_smtp_disabled", "administrator", {
              ...smtp,
              reply:
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            }),
          ),
          proof("right-to-send", { result: "skipped", skipped: "earlier" }),
          failed("push", failure("too_many_connections", "you", { host: "imap.lipa.example", port: 993 })),
        ),
      );
      await visit.see("setup.proofs.broken", { failed: 4 });
    },
  },
  {
    name: "message to oneself",
    open: async (visit) => {
      await prove(visit, ({ full_loop: loop }) =>
        loop === true
          ? report(
              ...PROOFS,
              proof("full-loop", {
                tried: [fact("address", ANNA)],
                seen: [fact("came_after", 3240), fact("folder", "INBOX")],
                took_ms: 4870,
              }),
            )
          : report(...PROOFS),
      );
      await visit.press("setup.proofs.loop");
      await visit.see("setup.proofPassed.full-loop");
    },
  },
  {
    name: "account that was left half way",
    open: async (visit) => {
      const stage = await stageOf(visit);
      await stage.clear();
      stage.says("account_list", { reply: [account({})] });
      stage.says("folder_list", { reply: [] });
      stage.says("message_list", { reply: { messages: [], cursor: null } });
      await visit.page.reload();
      await visit.press("mail.addAccount");
      await visit.see("setup.unfinished.title");
    },
  },
  {
    name: "certificate that is trusted",
    open: async (visit) => {
      const stage = await stageOf(visit);
      await stage.clear();
      const { subject, issuer, until, fingerprint } = certificate({});
      const trusted = { subject, issuer, until, fingerprint, host: "imap.lipa.example", port: 993 };
      stage.says("account_list", { reply: [account({ setup_done: true })] });
      stage.says("folder_list", { reply: [] });
      stage.says("message_list", { reply: { messages: [], cursor: null } });
      stage.says("certificate_list", {
        reply: [{ ...trusted, reason: "unknown_issuer", since: Date.UTC(2026, 10, 2) }],
      });
      const { page, word, see } = visit;
      await page.reload();
      await see("mail.none.title");
      await page.keyboard.press("Control+,");
      await page.getByRole("navigation").getByText(ANNA).click();
      await page
        .getByRole("button", {
          name: word("settings.certificate.forgetOf", { server: "imap.lipa.example:993" }),
        })
        .scrollIntoViewIfNeeded();
    },
  },
];
