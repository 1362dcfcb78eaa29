import { built, run, start } from "./program";
import type { Companion } from "./program";

/** A running mail office: Dovecot, Exim and an OpenID provider on loopback. */
export interface Office extends Companion {
  ca: string;
  imap: string;
  smtp: string;
  /** The policy of an organisation that runs the office. */
  policy: string;
  passwords: Record<string, string>;
  /** The person at the provider's page signs in and agrees. */
  approve(url: string, address: string): Promise<void>;
}

export const ALICE = "alice@mailroom.test";
export const BOB = "bob@mailroom.test";
/** Has no mail. */
export const CAROL = "carol@mailroom.test";

/** Opens an office with the sample mail in its mailboxes. */
export async function openOffice(): Promise<Office> {
  const program = built("mailroom-office");
  const companion = await start(program, []);
  const facts = JSON.parse(companion.ready) as {
    ca: string;
    ports: Record<string, number>;
    policy: string;
    users: Record<string, string>;
  };
  return {
    ...companion,
    ca: facts.ca,
    imap: `localhost:${facts.ports["imaps"]}:tls`,
    smtp: `localhost:${facts.ports["submissions"]}:tls`,
    policy: facts.policy,
    passwords: facts.users,
    approve: async (url, address) => {
      await run(program, ["--approve", url, "--login", address], { SSL_CERT_FILE: facts.ca });
    },
  };
}
