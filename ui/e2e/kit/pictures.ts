import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Visit } from "./browser";

/** Where pictures of the screens are wanted; nobody wants them in a test. */
const FOLDER = process.env["MAILROOM_PICTURES"] ?? "";

export const WANTED = FOLDER !== "";

/** Takes a screen as it is, light and dark, into files like `mail-with-a-message-dark-pl.png`. */
export async function picture({ page, locale }: Visit, screen: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  /* oxlint-disable no-await-in-loop -- one page, one look after the other */
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const name = screen.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const file = join(FOLDER, `${name}-${colorScheme}-${locale}.png`);
    await page.screenshot({ path: file, caret: "hide", animations: "disabled" });
    // Screens have few colours: a palette makes the files a third as large.
    execFileSync("mogrify", ["-colors", "128", "-dither", "None", "-strip", file]);
  }
  /* oxlint-enable no-await-in-loop */
  await page.emulateMedia({ colorScheme: "light" });
}
