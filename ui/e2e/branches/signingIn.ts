import {
  ANNA,
  CERTAIN,
  IN_VAIN,
  PASSWORD,
  URL_OF_PAGE,
  begin,
  candidate,
  certificate,
  detects,
  found,
  goToPage,
  signIn,
  step,
  unknown,
  untrusted,
  withPage,
} from "./core";
import { failure, stageOf } from "../kit/stage";
import type { Visit } from "../kit/browser";
import type { Screen } from "../screens";

const LOCAL = "localhost";
const HELP = "https://lipa.example/help";

/** Ways to sign in, and what may come in between. */
export const SIGNING_IN: readonly Screen[] = [
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
    name: "what has to be so at the provider first",
    open: async (visit) => {
      const offer = {
        method: "app-password",
        service: null,
        url: "https://lipa.example/passwords",
        unavailable: null,
      };
      const wanted = ["paid_plan", "separate_password", "client_address_allowed", "main_address"];
      const notes = [{ code: "imap_setting", url: HELP }, ...wanted.map((code) => ({ code, url: null }))];
      detects(
        await begin(visit),
        found(candidate({ name: "Lipa", auth: [offer], notes }), step("srv", "found_servers")),
      );
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.see("setup.note.main_address");
    },
  },
  {
    name: "mailbox that can be opened in the browser instead",
    open: async (visit) => {
      const stage = await begin(visit);
      const web = candidate({ name: "Lipa", web: "https://mail.lipa.example", help: [HELP] });
      detects(stage, found(web, step("srv", "found_servers")));
      stage.says(
        "account_add",
        failure("auth_imap_disabled", "you", { host: "imap.lipa.example", port: 993, url: HELP }),
      );
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.field("setup.signin.password.label").fill("secret");
      await visit.press("setup.signin.password.action");
      await visit.see("setup.signin.web");
    },
  },
  {
    name: "provider that lets in its partners only",
    open: async (visit) => {
      const browser = { method: "oauth2", service: "lipa", url: null, unavailable: "partner_only" };
      const lipa = candidate({ name: "Lipa", auth: [browser, PASSWORD] });
      detects(await begin(visit), found(lipa, step("srv", "found_servers")));
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.see("setup.unavailable.partner_only");
    },
  },
  {
    name: "password on its way to the servers",
    open: async (visit) => {
      const stage = await begin(visit);
      detects(stage, CERTAIN);
      stage.says("account_add", "nothing");
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.continue");
      await visit.field("setup.signin.password.label").fill("secret");
      await visit.press("setup.signin.password.action");
      await visit.see("setup.adding.waiting");
    },
  },
  {
    name: "sign-in in the browser that is prepared",
    open: async (visit) => {
      await goToPage(visit, "nothing");
      await visit.see("setup.browser.preparing");
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
    name: "servers by hand with a sign-in service",
    open: async (visit) => {
      detects(await begin(visit), unknown(...IN_VAIN));
      await visit.page.keyboard.press("Enter");
      await visit.press("setup.address.enterServers");
      await visit.page.getByLabel(visit.word("setup.servers.browser")).check();
      await visit.press("setup.signin.password.action");
      await visit.see("setup.registration.issuerProblem");
      await visit.field("setup.registration.clientSecret").scrollIntoViewIfNeeded();
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
];
