import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { overflow, violations } from "./kit/axe";
import { LOCALES, openBrowser, visit, visitUninvited } from "./kit/browser";
import type { Visit } from "./kit/browser";
import { openDoor, withDoor } from "./kit/door";
import type { ServedDoor } from "./kit/door";
import { ALICE, BOB, CAROL, openOffice } from "./kit/office";
import type { Office } from "./kit/office";
import { WANTED, picture } from "./kit/pictures";
import { BRANCHES } from "./branches";
import { LEAVING } from "./leaving";
import { FIRST_RUN, MAIL, NO_DOOR, SETTINGS, SHEETS, STATES, TROUBLE, WRITING } from "./screens";
import type { Screen } from "./screens";
import { openTroubledDoor } from "./trouble";

/** Widths at which a screen is looked at; 640 is a window of 1280 at 200 %. */
const WIDTHS = [1280, 640, 420];
const SIZE = { width: 1280, height: 800 };

let office: Office;
let browser: Browser;
/** Connected to three mailboxes; every language comes to it. */
let connected: ServedDoor;
/** Connected to one, whose servers are gone. */
let troubled: ServedDoor;
beforeAll(async () => {
  [office, browser] = await Promise.all([openOffice(), openBrowser()]);
  connected = await openDoor(office, [ALICE, BOB, CAROL]);
  troubled = await openTroubledDoor(office);
});
afterAll(async () => {
  await browser.close();
  await connected.end();
  await troubled.end();
  await office.end();
});

describe.each(LOCALES)("in %s", (locale) => {
  test("every screen of the first run can be used by everybody", () =>
    withDoor(office, [], async (door) => {
      expect(await walk(await visit(browser, door, locale), FIRST_RUN)).toEqual([]);
    }));

  test("every branch of the wizard can be used by everybody", () =>
    withDoor(office, [], async (door) => {
      expect(await walk(await visit(browser, door, locale), BRANCHES)).toEqual([]);
    }));

  test.each([
    { way: "mail", screens: MAIL },
    { way: "sheets", screens: SHEETS },
    { way: "settings", screens: SETTINGS },
    { way: "writing", screens: WRITING },
    { way: "states of an account", screens: STATES },
  ])("every screen of $way can be used by everybody", async ({ screens }) => {
    expect(await walk(await visit(browser, connected, locale), screens)).toEqual([]);
  });

  // What differs from language to language in these is looked at in pictures.
  test.runIf(WANTED || locale === "en")(
    "every screen of waiting and leaving can be used by everybody",
    async () => {
      expect(await walk(await visit(browser, connected, locale), LEAVING)).toEqual([]);
    },
  );

  test("every screen of a bad day can be used by everybody", async () => {
    expect(await walk(await visit(browser, troubled, locale), TROUBLE)).toEqual([]);
  });

  test("who has no link is told so, and can be anybody", async () => {
    expect(await walk(await visitUninvited(browser, connected, locale), NO_DOOR)).toEqual([]);
  });
});

/** Opens screen after screen and gathers what is wrong with them. */
async function walk(person: Visit, screens: readonly Screen[]): Promise<string[]> {
  const found = new Set<string>();
  for (const { name, open } of screens) {
    /* oxlint-disable no-await-in-loop -- one screen comes after the other */
    try {
      await open(person, office);
    } catch (error) {
      const shown = await person.page.evaluate(() => document.body.innerText);
      throw new Error(`${name} in ${person.locale} does not open. The page shows:\n${shown}`, {
        cause: error,
      });
    }
    if (WANTED) {
      await picture(person, name);
      continue;
    }
    for (const line of await look(person)) {
      found.add(`${name}: ${line}`);
    }
    /* oxlint-enable no-await-in-loop */
  }
  await person.end();
  return [...found];
}

async function look({ page }: Visit): Promise<string[]> {
  const found: string[] = [];
  /* oxlint-disable no-await-in-loop -- one page, one look after the other */
  for (const width of WIDTHS) {
    await page.setViewportSize({ ...SIZE, width });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page)).map((line) => `${width}px ${colorScheme}: ${line}`));
    }
    await page.emulateMedia({ forcedColors: "active" });
    const wider = await overflow(page);
    if (wider > 0) {
      found.push(`${width}px: the page is ${wider}px wider than its window`);
    }
    await page.emulateMedia({ forcedColors: "none", colorScheme: "light" });
  }
  /* oxlint-enable no-await-in-loop */
  await page.setViewportSize(SIZE);
  return found;
}
