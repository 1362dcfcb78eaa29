import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openDoor } from "./kit/door";
import type { ServedDoor } from "./kit/door";
import { layLine } from "./kit/line";
import { ALICE, BOB } from "./kit/office";
import type { Office } from "./kit/office";

/** Larger than everything that is said before the message itself. */
const LARGE = 128 * 1024;

/**
 * A door to alice's mailbox on a bad day: one message was refused, of one nobody knows whether it was sent, one waits for
 * its server, and by now no server is there any more.
 */
export async function openTroubledDoor(office: Office): Promise<ServedDoor> {
  const [imap, smtp] = await Promise.all([layLine(office.imap), layLine(office.smtp)]);
  const door = await openDoor({ ...office, imap: imap.server, smtp: smtp.server }, [ALICE]);
  const folder = await mkdtemp(join(tmpdir(), "mailroom-e2e-"));
  const file = join(folder, "plan.bin");
  await writeFile(file, randomBytes(2 * LARGE));
  /** Tries to send; that it does not work is what is wanted. */
  const send = async (subject: string, to: string, ...words: readonly string[]) => {
    const about = ["--from", ALICE, "--to", to, "--subject", subject, "--body-file", "-", ...words];
    await door.command(["send", ...about], subject).catch(() => "");
  };
  await send("Invitation", "unknown@mailroom.test");
  smtp.loseAnswersAfter(LARGE);
  await send("The plan", BOB, "--attach", file);
  smtp.cut();
  await send("Minutes", BOB);
  imap.cut();
  await rm(folder, { recursive: true });
  return {
    ...door,
    async end() {
      await door.end();
      await Promise.all([imap.end(), smtp.end()]);
    },
  };
}
