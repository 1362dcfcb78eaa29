import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { LOCALES, openBrowser, visit, visitUninvited } from "./kit/browser";
import { openDoor } from "./kit/door";
import type { ServedDoor } from "./kit/door";
import { ALICE, BOB, CAROL, openOffice } from "./kit/office";
import type { Office } from "./kit/office";
import { walk } from "./kit/walk";
import { LEAVING } from "./leaving";
import { RARE } from "./rare";
import { MAIL, NO_DOOR, SETTINGS, SHEETS, STATES, TROUBLE, WRITING } from "./screens";
import { openTroubledDoor } from "./trouble";

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
  test.each([
    { way: "mail", screens: MAIL },
    { way: "sheets", screens: SHEETS },
    { way: "settings", screens: SETTINGS },
    { way: "writing", screens: WRITING },
    { way: "states of an account", screens: STATES },
    { way: "waiting and leaving", screens: LEAVING },
    { way: "rare folders and journals", screens: RARE },
  ])("every screen of $way can be used by everybody", async ({ screens }) => {
    expect(await walk(await visit(browser, connected, locale), office, screens)).toEqual([]);
  });

  test("every screen of a bad day can be used by everybody", async () => {
    expect(await walk(await visit(browser, troubled, locale), office, TROUBLE)).toEqual([]);
  });

  test("who has no link is told so, and can be anybody", async () => {
    expect(await walk(await visitUninvited(browser, connected, locale), office, NO_DOOR)).toEqual([]);
  });
});
