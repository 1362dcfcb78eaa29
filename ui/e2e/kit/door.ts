import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Office } from "./office";
import { built, run, start } from "./program";

/** `mailroom serve` with a home of its own, beside an office whose organisation tells where its servers are. */
export interface ServedDoor {
  /** The page's address, without a token. */
  address: string;
  /** The link that works once. */
  link: string;
  /** Runs the `mailroom` command on the same home. */
  command(words: readonly string[], input?: string): Promise<string>;
  end(): Promise<void>;
}

/** Opens a door. `accounts` are connected, and their mail is loaded, before it opens. */
export async function openDoor(office: Office, accounts: readonly string[] = []): Promise<ServedDoor> {
  const folder = await mkdtemp(join(tmpdir(), "mailroom-e2e-"));
  const environment = {
    MAILROOM_HOME: join(folder, "home"),
    MAILROOM_POLICY: office.policy,
    MAILROOM_VAULT: "file",
    MAILROOM_VAULT_PASSPHRASE: "browser test",
    SSL_CERT_FILE: office.ca,
  };
  const mailroom = built("mailroom");
  const command = (words: readonly string[], input = "") =>
    run(mailroom, ["--json", ...words], environment, input);
  for (const account of accounts) {
    const servers = ["--imap", office.imap, "--smtp", office.smtp];
    // oxlint-disable-next-line no-await-in-loop -- one home, one after the other
    await command(["account", "add", account, ...servers, "--password-stdin"], office.passwords[account]);
  }
  if (accounts.length > 0) {
    await command(["account", "set", accounts[0] ?? "", "--period", "all"]);
    await command(["sync"]);
  }
  const page = fileURLToPath(new URL("../../dist", import.meta.url));
  const words = ["--json", "serve", "--page", page, "--until-input-ends"];
  const serving = await start(mailroom, words, environment);
  const { address, link } = JSON.parse(serving.ready) as { address: string; link: string };
  return {
    address: `http://${address}/`,
    link,
    command,
    async end() {
      await serving.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a door for one journey and closes it, however the journey ends. */
export async function withDoor(
  office: Office,
  accounts: readonly string[],
  journey: (door: ServedDoor) => Promise<void>,
): Promise<void> {
  const door = await openDoor(office, accounts);
  try {
    await journey(door);
  } finally {
    await door.end();
  }
}
