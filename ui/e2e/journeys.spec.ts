import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, visit } from "./kit/browser";
import { withDoor } from "./kit/door";
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

test("a person without a mouse connects a mailbox, reads and searches", () =>
  withDoor(office, [], async (door) => {
    const { page, see, word, field, end } = await visit(browser, door, "en");
    const press = (key: string) => page.keyboard.press(key);
    /** Goes on with Tab until the button has the keyboard, and presses it. */
    const pressButton = async (key: string) => {
      const button = page.getByRole("button", { name: word(key), exact: true }).first();
      await expect.poll(() => button.isEnabled(), { timeout: 20_000 }).toBe(true);
      for (let steps = 0; steps < 60; steps += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one key after the other
        if (await button.evaluate((element) => element === document.activeElement)) {
          // oxlint-disable-next-line no-await-in-loop -- the last key
          return await press("Enter");
        }
        // oxlint-disable-next-line no-await-in-loop -- one key after the other
        await press("Tab");
      }
      throw new Error(`${word(key)} cannot be reached with Tab`);
    };
    await see("setup.address.title");
    await page.keyboard.type(BOB);
    await press("Enter");
    await see("setup.from.policy");
    await pressButton("setup.continue");
    await see("setup.signin.browser.action");
    await pressButton("setup.signin.password.instead");
    await field("setup.signin.password.label").waitFor();
    await page.keyboard.type(office.passwords[BOB] ?? "");
    await press("Enter");
    await see("setup.proofs.all");
    await pressButton("setup.continue");
    await see("setup.choose.title");
    await pressButton("setup.choose.action");
    await see("setup.notify.title");
    await pressButton("setup.skip");
    await see("setup.signature.title");
    await pressButton("setup.skip");
    await pressButton("setup.loading.open");

    await page.getByRole("option").first().waitFor();
    const message = page.getByRole("region", { name: word("mail.message"), exact: true });
    const subject = () => message.getByRole("heading").first().textContent();
    await press("j");
    await page.getByRole("article").first().waitFor();
    const first = await subject();
    await press("j");
    await expect.poll(subject, { timeout: 20_000 }).not.toBe(first);
    await press("k");
    await expect.poll(subject, { timeout: 20_000 }).toBe(first);
    await press("/");
    await page.keyboard.type("xyzzy-plugh");
    await see("mail.empty.search.title");
    await end();
  }));

test("another language is there at once and stays", () =>
  withDoor(office, [ALICE], async (door) => {
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
  }));

test("a message that is dragged with Ctrl held is in both folders, until that is undone", () =>
  withDoor(office, [ALICE], async (door) => {
    const { page, word, see, end } = await visit(browser, door, "en");
    const folder = (key: string) =>
      page
        .getByRole("navigation")
        .getByRole("button", { name: word(key), exact: false })
        .first();
    const cake = page.getByRole("option", { name: /Cake for Friday/ });
    const archive = { count: 1, folder: word("mail.folder.archive") };
    await cake.hover();
    await page.mouse.down();
    await page.keyboard.down("Control");
    await folder("mail.folder.archive").hover();
    // The second move is the one that the folder answers to.
    await folder("mail.folder.archive").hover();
    await page.mouse.up();
    await page.keyboard.up("Control");
    await see("mail.done.copied", archive);
    expect(await cake.count()).toBe(1);
    await folder("mail.folder.archive").click();
    await cake.waitFor();

    await folder("mail.folder.inbox").click();
    await cake.click();
    await page.keyboard.press("Control+Shift+Y");
    const sheet = page.getByRole("dialog", { name: word("mail.copy.title") });
    await sheet.getByRole("button", { name: archive.folder }).click();
    await see("mail.done.there", archive);

    await folder("mail.folder.archive").click();
    await cake.waitFor();
    await page.keyboard.press("Control+z");
    await cake.waitFor({ state: "detached" });
    await folder("mail.folder.inbox").click();
    await cake.waitFor();
    await end();
  }));

test("a folder is made, renamed and deleted without a mouse", () =>
  withDoor(office, [BOB], async (door) => {
    const { page, word, see, end } = await visit(browser, door, "en");
    const folder = (name: string) =>
      page.getByRole("navigation").getByRole("button", { name, exact: true }).first();
    await page.getByRole("option").first().waitFor();
    await page
      .getByRole("navigation")
      .getByRole("button", { name: word("mail.folder.inbox"), exact: false })
      .first()
      .focus();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: word("mail.folder.new"), exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: word("mail.folder.create.title") }).waitFor();
    await page.keyboard.type("Żółte sowy");
    await page.keyboard.press("Enter");
    await see("mail.folder.create.done", { folder: "Żółte sowy" });

    await folder("Żółte sowy").focus();
    await page.keyboard.press("F2");
    await page.getByRole("dialog", { name: word("mail.folder.change.title") }).waitFor();
    await page.keyboard.type("Sowy");
    await page.keyboard.press("Enter");
    await folder("Sowy").waitFor();
    await folder("Żółte sowy").waitFor({ state: "detached" });
    await expect
      .poll(() => folder("Sowy").evaluate((button) => button === document.activeElement))
      .toBe(true);

    await page.keyboard.press("Delete");
    const question = page.getByRole("alertdialog");
    await question.getByRole("button", { name: word("mail.folder.delete.yes"), exact: true }).focus();
    await page.keyboard.press("Enter");
    await see("mail.folder.delete.done", { folder: "Sowy" });
    await folder("Sowy").waitFor({ state: "detached" });
    await end();
  }));
