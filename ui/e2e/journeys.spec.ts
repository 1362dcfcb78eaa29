import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, visit } from "./kit/browser";
import { openDoor } from "./kit/door";
import { ALICE, BOB, openOffice } from "./kit/office";
import type { Office } from "./kit/office";

let office: Office;
let browser: Browser;
beforeAll(async () => {
  [office, browser] = await Promise.all([openOffice(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await office.end();
});

test("a person without a mouse connects a mailbox, reads and searches", async () => {
  const door = await openDoor(office);
  const { page, see, word, end } = await visit(browser, door, "en");
  const type = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await see("setup.address.title");
  await page.keyboard.type(BOB);
  await type("Enter");
  await see("setup.from.policy");
  await type("Enter");
  await see("setup.signin.browser.action");
  await page.getByRole("button", { name: word("setup.signin.password.instead") }).focus();
  await type("Enter");
  await page.getByLabel(word("setup.signin.password.label"), { exact: true }).waitFor();
  await page.keyboard.type(office.passwords[BOB] ?? "");
  await type("Enter");
  await see("setup.proofs.all");
  await page.getByRole("button", { name: word("setup.continue") }).focus();
  await type("Enter");
  await see("setup.choose.title");
  await page.getByRole("button", { name: word("setup.choose.action") }).focus();
  await type("Enter");
  const open = page.getByRole("button", { name: word("setup.loading.open") });
  await expect.poll(() => open.isEnabled(), { timeout: 20_000 }).toBe(true);
  await open.focus();
  await type("Enter");

  await page.getByRole("option").first().waitFor();
  await type("j");
  await page.getByRole("article").first().waitFor();
  const subject = () => page.getByRole("heading", { level: 2 }).first().textContent();
  const first = await subject();
  await type("j");
  await expect.poll(subject).not.toBe(first);
  await type("k");
  await expect.poll(subject).toBe(first);
  await type("/");
  await page.keyboard.type("xyzzy-plugh");
  await see("mail.empty.search.title");
  await end();
  await door.end();
});

test("another language is there at once and stays", async () => {
  const door = await openDoor(office, [ALICE]);
  const person = await visit(browser, door, "en");
  await person.press("mail.settings");
  await person.field("settings.language").selectOption("pl");
  const polish = await visit(browser, door, "pl");
  await person.page.getByText(polish.word("settings.general")).first().waitFor();
  expect(await person.page.evaluate(() => document.documentElement.lang)).toBe("pl");
  await person.page.reload();
  await person.page
    .getByRole("button", { name: polish.word("mail.write"), exact: true })
    .first()
    .waitFor();
  await polish.end();
  await person.end();
  await door.end();
});
