import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, visit } from "./kit/browser";
import type { Visit } from "./kit/browser";
import { openDoor } from "./kit/door";
import type { ServedDoor } from "./kit/door";
import { ALICE, BOB, openOffice } from "./kit/office";
import type { Office } from "./kit/office";

let office: Office;
let browser: Browser;
let door: ServedDoor;
beforeAll(async () => {
  [office, browser] = await Promise.all([openOffice(), openBrowser()]);
  door = await openDoor(office, [ALICE, BOB]);
});
afterAll(async () => {
  await browser.close();
  await door.end();
  await office.end();
});

const text = ({ page, word }: Visit) => page.getByRole("textbox", { name: word("compose.text") });

/** Begins a message to bob; what is there is its recipient and its subject. */
async function write(person: Visit, subject: string): Promise<void> {
  const { page, field, press } = person;
  await page.getByRole("option").first().waitFor();
  await press("mail.write");
  await field("compose.to").fill(`${BOB},`);
  await page.keyboard.press("Tab");
  await field("compose.subject").fill(subject);
  await text(person).click();
}

test("a message is saved in Drafts, opened from there, taken back once, sent with its file and received", async () => {
  const person = await visit(browser, door, "en");
  const { page, word, press, see } = person;
  await write(person, "Journey of a draft");
  await page.keyboard.type("The minutes, attached.");
  const file = { name: "minutes.txt", mimeType: "text/plain", buffer: Buffer.from("We met.") };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: word("compose.files.remove", { name: "minutes.txt" }) }).waitFor();
  await see("compose.state.here");
  await text(person).click();
  await page.keyboard.press("Escape");
  await see("compose.closed");

  await page.getByRole("navigation").getByText(word("mail.folder.drafts"), { exact: true }).first().click();
  await page.getByRole("option", { name: /Journey of a draft/ }).click();
  await text(person).getByText("The minutes, attached.").waitFor();
  await page.getByRole("button", { name: word("compose.files.remove", { name: "minutes.txt" }) }).waitFor();

  await text(person).click();
  await page.keyboard.press("Control+Enter");
  await see("compose.sent.pause", { seconds: 10 });
  await press("compose.sent.undo");
  await text(person).getByText("The minutes, attached.").waitFor();
  await page.getByRole("button", { name: word("compose.files.remove", { name: "minutes.txt" }) }).waitFor();

  await text(person).click();
  await page.keyboard.press("Control+Enter");
  await see("compose.sent.pause", { seconds: 10 });
  // Alice's folders stand first; the pause, and a moment for the servers.
  await page.getByRole("navigation").getByText(word("mail.folder.sent"), { exact: true }).first().click();
  await page.getByRole("option", { name: /Journey of a draft/ }).waitFor();
  await page.getByRole("navigation").getByText(word("mail.folder.allInboxes"), { exact: true }).click();
  await page.getByRole("option", { name: /Journey of a draft/ }).waitFor();
  expect(await page.getByRole("option", { name: /Journey of a draft/ }).count()).toBe(1);
  await person.end();
});

test("an answer has its recipient, its subject and its quote, and a picture in its text", async () => {
  const person = await visit(browser, door, "pl");
  const { page, word, press, see } = person;
  await page.getByRole("option").first().click();
  await page.getByRole("article").waitFor();
  await press("mail.do.reply");
  await text(person).waitFor();
  await page.keyboard.type("Tak.");
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 40;
    const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    const transfer = new DataTransfer();
    transfer.items.add(new File(picture === null ? [] : [picture], "chart.png", { type: "image/png" }));
    const paste = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
    document.querySelector("[contenteditable=true]")?.dispatchEvent(paste);
  });
  await see("compose.state.here");
  const subject = await page.getByLabel(word("compose.subject"), { exact: true }).inputValue();
  expect(subject).toMatch(/^Re: /);
  await press("compose.quote.show");
  await page.frameLocator("iframe").locator("blockquote").first().waitFor();
  await text(person).click();
  await page.keyboard.press("Control+Enter");
  await see("compose.sent.pause", { seconds: 10 });

  // The newest message is bob's, and so is the answer; his folders stand last.
  await page.getByRole("navigation").getByText(word("mail.folder.sent"), { exact: true }).last().click();
  await page.getByRole("option").filter({ hasText: subject }).first().click();
  // The newest message of a conversation stands last.
  const body = page.locator("article iframe").last().contentFrame();
  await body.getByText("Tak.").waitFor();
  await expect
    .poll(() => body.locator("img[src^='data:image/png']").count(), { timeout: 120_000 })
    .toBeGreaterThan(0);
  await person.end();
});

test("a message for later waits in the outbox, where its time can be changed", async () => {
  const person = await visit(browser, door, "ru");
  const { page, word, press, see } = person;
  await write(person, "Позже");
  await page.keyboard.type("Привет");
  await page.getByRole("button", { name: word("compose.sendLater") }).click();
  await page
    .getByRole("menuitem")
    .filter({ hasText: word("compose.later.tomorrow") })
    .click();
  await page.getByRole("navigation").getByText(word("mail.outbox"), { exact: true }).click();
  await page.getByText("Позже").first().waitFor();
  await press("outbox.time");
  await page.getByRole("dialog", { name: word("compose.later.title") }).waitFor();
  await page.keyboard.press("Escape");
  await press("outbox.edit");
  await text(person).getByText("Привет").waitFor();
  await press("compose.discard");
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: word("compose.discard.yes") })
    .click();
  await see("compose.discarded");
  expect(await page.getByText("Позже").count()).toBe(0);
  await person.end();
});
