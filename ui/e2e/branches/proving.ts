import { ANNA, PROOFS, account, certificate, fact, failed, proof, prove, report } from "./core";
import { failure, stageOf } from "../kit/stage";
import type { Screen } from "../screens";

/** How the Test may end, and what comes of accounts that are here. */
export const PROVING: readonly Screen[] = [
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
    name: "proofs of a mailbox that only sends not",
    open: async (visit) => {
      const smtpOff = failure("auth_smtp_disabled", "administrator", {
        host: "smtp.lipa.example",
        port: 465,
      });
      const proofs = PROOFS.map((one) => {
        switch (one.proof) {
          case "smtp-sign-in":
            return failed("smtp-sign-in", smtpOff);
          case "right-to-send":
            return proof("right-to-send", { result: "skipped", skipped: "earlier" });
          default:
            return one;
        }
      });
      await prove(visit, report(...proofs));
      await visit.see("setup.proofs.receiving", { failed: 1 });
    },
  },
  {
    name: "proofs that were passed over",
    open: async (visit) => {
      const skipped: Record<string, string> = {
        "read-header": "no-inbox",
        "smtp-sign-in": "receive-only",
        "right-to-send": "receive-only",
        push: "not-offered",
      };
      const proofs = PROOFS.map((one) => {
        if (one.proof === "tls") {
          return proof("tls", {
            tried: [fact("server", "imap.lipa.example:993:tls", "imap")],
            seen: [fact("tls_version", "TLSv1.3", "imap"), fact("excepted", 1, "imap")],
          });
        }
        const why = skipped[one.proof];
        return why === undefined ? one : proof(one.proof, { result: "skipped", skipped: why });
      });
      await prove(visit, report(...proofs));
      await visit.see("setup.proofSkipped.no-inbox");
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
