import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { LOCALES, openBrowser, visit } from "./kit/browser";
import { withDoor } from "./kit/door";
import { openOffice } from "./kit/office";
import type { Office } from "./kit/office";
import { walk } from "./kit/walk";
import { BRANCHES } from "./branches/index";
import { FIRST_RUN } from "./screens";

let office: Office;
let browser: Browser;
beforeAll(async () => {
  [office, browser] = await Promise.all([openOffice(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await office.end();
});

describe.each(LOCALES)("in %s", (locale) => {
  test.each([
    { way: "the first run", screens: FIRST_RUN },
    { way: "the wizard's branches", screens: BRANCHES },
  ])("every screen of $way can be used by everybody", ({ screens }) =>
    withDoor(office, [], async (door) => {
      expect(await walk(await visit(browser, door, locale), office, screens)).toEqual([]);
    }),
  );
});
