import {
  ANNA,
  CERTAIN,
  HERE,
  IN_VAIN,
  begin,
  candidate,
  detects,
  found,
  foundAll,
  step,
  unknown,
} from "./core";
import { failure } from "../kit/stage";
import type { Screen } from "../screens";

/** What the sources of an address may say of its servers. */
export const FINDING: readonly Screen[] = [
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
    name: "ladder with what else sources say",
    open: async (visit) => {
      const steps = [
        step("learned", "provider_gone", "lipa"),
        step("autoconfig", "unusable"),
        step("well_known", "no_encryption", "mail.lipa.example"),
        step("pacc", "not_awaited"),
        step("ispdb", "no_imap"),
        step("mx", "filtered_host", "filter.example"),
        step("mx_ispdb", "not_found"),
        step("srv", "no_records"),
        step("autodiscover", "exchange"),
      ];
      detects(await begin(visit), unknown(...steps));
      await visit.page.keyboard.press("Enter");
      await visit.see("setup.outcome.exchange");
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
];
