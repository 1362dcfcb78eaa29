import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, visit, visitUninvited } from "./kit/browser";
import { openDoor } from "./kit/door";
import type { ServedDoor } from "./kit/door";
import { openOffice } from "./kit/office";
import type { Office } from "./kit/office";

let office: Office;
let browser: Browser;
let door: ServedDoor;
beforeAll(async () => {
  [office, browser] = await Promise.all([openOffice(), openBrowser()]);
  door = await openDoor(office);
});
afterAll(async () => {
  await browser.close();
  await door.end();
  await office.end();
});

test("a link lets one tab in, which may load the page again; nobody else gets in", async () => {
  const person = await visit(browser, door, "en");
  await person.see("setup.address.title");
  expect(person.page.url()).toBe(door.address);
  await person.page.reload();
  await person.see("setup.address.title");

  const stranger = await visitUninvited(browser, door, "en");
  await stranger.see("error.door_refused.title");
  await stranger.page.goto(door.link);
  await stranger.see("error.door_refused.title");
  await stranger.end();
  await person.end();
});
