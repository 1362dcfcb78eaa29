import type { Visit } from "./kit/browser";
import { ALICE, BOB } from "./kit/office";
import type { Office } from "./kit/office";
import { MISMATCH } from "./leaving";
import { DAYS, tell } from "./states";

/** One screen, and how a person gets to it from the one before it in the table. */
export interface Screen {
  name: string;
  open: (visit: Visit, office: Office) => Promise<void>;
}

/** From the first start to the inbox, with bob's mailbox and a password. */
export const FIRST_RUN: readonly Screen[] = [
  { name: "start", open: ({ see }) => see("setup.address.title") },
  {
    name: "an address that is none",
    open: async ({ field, page, see }) => {
      await field("setup.address.label").fill("bob");
      await page.keyboard.press("Tab");
      await see("setup.address.no_at");
    },
  },
  {
    name: "ladder",
    open: async ({ field, page, see }) => {
      await field("setup.address.label").fill(BOB);
      await page.keyboard.press("Enter");
      await see("setup.from.policy");
    },
  },
  {
    name: "sign-in in the browser",
    open: async ({ press, see }) => {
      await press("setup.continue");
      await see("setup.signin.browser.action");
    },
  },
  MISMATCH,
  {
    name: "waiting for the browser",
    open: async ({ press, see }) => {
      await press("setup.signin.browser.action");
      await see("setup.browser.url");
    },
  },
  {
    name: "an administrator has to allow it",
    open: async ({ press, see }) => {
      await press("approval.pageSays");
      await see("approval.letter.title");
    },
  },
  {
    name: "sign-in with a password",
    open: async ({ press, see }) => {
      await press("setup.back");
      await press("setup.continue");
      await press("setup.signin.password.instead");
      await see("setup.signin.password.label");
    },
  },
  {
    name: "a password that is refused",
    open: async ({ field, press, see }) => {
      await field("setup.signin.password.label").fill("wrong");
      await press("setup.signin.password.action");
      await see("error.auth_failed.title", { host: "localhost" });
    },
  },
  {
    name: "servers by hand",
    open: async ({ press, see }) => {
      await press("setup.back");
      await press("setup.address.notThis");
      await see("setup.servers.title");
    },
  },
  {
    name: "proofs",
    open: async ({ field, press, see }, office) => {
      await press("setup.back");
      await press("setup.continue");
      await press("setup.signin.password.instead");
      await field("setup.signin.password.label").fill(office.passwords[BOB] ?? "");
      await press("setup.signin.password.action");
      await see("setup.proofs.all");
    },
  },
  {
    name: "what to keep",
    open: async ({ press, see }) => {
      await press("setup.continue");
      await see("setup.choose.title");
    },
  },
  {
    name: "which folders",
    open: async ({ page, word, see }) => {
      await page.getByLabel(word("setup.choose.some")).check();
      await see("setup.choose.parents");
    },
  },
  {
    name: "notifications of the account",
    open: async ({ page, word, press, see }) => {
      await page.getByLabel(word("setup.choose.every")).check();
      await press("setup.choose.action");
      await see("setup.notify.title");
    },
  },
  {
    name: "signature",
    open: async ({ page, word, press }) => {
      await press("setup.continue");
      await page.getByRole("textbox", { name: word("settings.signature") }).waitFor();
    },
  },
  {
    name: "loaded",
    open: async ({ field, press, see }) => {
      await field("settings.identity.name").fill("Bob");
      await press("setup.continue");
      await see("setup.loading.doneTitle");
    },
  },
  { name: "inbox", open: ({ press, page }) => press("setup.loading.open").then(() => rows(page).waitFor()) },
];

/** The mail of alice and bob, carol's empty mailbox, and what can be opened from it. */
export const MAIL: readonly Screen[] = [
  {
    name: "mail without a message",
    open: async ({ see, page }) => {
      await rows(page).waitFor();
      await see("mail.none.title");
    },
  },
  {
    name: "mail with a message",
    open: async ({ page }) => {
      await rows(page).click();
      await page.getByRole("article").waitFor();
    },
  },
  {
    name: "menu of a message",
    open: async ({ page, press }) => {
      await press("mail.more");
      await page.getByRole("menu").waitFor();
    },
  },
  {
    name: "headers and source",
    open: async ({ page, word }) => {
      await page.getByRole("menuitem", { name: word("mail.do.source") }).click();
      await page.getByRole("dialog", { name: word("mail.source.title") }).waitFor();
    },
  },
  {
    name: "message with pictures from the internet",
    open: async ({ page, see }) => {
      await page.keyboard.press("Escape");
      await page
        .getByRole("option", { name: /Autumn/ })
        .first()
        .click();
      await see("mail.pictures.blocked");
    },
  },
  {
    name: "several messages",
    open: async ({ page, press, see }) => {
      await press("mail.select");
      await page.getByRole("option").nth(1).click();
      await see("mail.selected", { count: 2 });
    },
  },
  {
    name: "move to a folder",
    open: async ({ page, word, press }) => {
      await press("mail.selected.clear");
      await rows(page).click();
      await press("mail.do.move");
      await page.getByRole("dialog", { name: word("mail.move.title") }).waitFor();
    },
  },
  {
    name: "copy to a folder",
    open: async ({ page, word, press }) => {
      await page.keyboard.press("Escape");
      await press("mail.do.copy");
      await page.getByRole("dialog", { name: word("mail.copy.title") }).waitFor();
    },
  },
  {
    name: "search",
    open: async ({ page }) => {
      await page.keyboard.press("Escape");
      await page.getByRole("searchbox").first().fill("a");
      await page.getByRole("status").filter({ hasText: /\d/ }).first().waitFor();
      await rows(page).waitFor();
    },
  },
  {
    name: "search without a result",
    open: async ({ page, see }) => {
      await page.getByRole("searchbox").first().fill("xyzzy-plugh");
      await see("mail.empty.search.title");
    },
  },
  {
    name: "menu of a folder",
    open: async ({ page, press, word }) => {
      await press("mail.search.clear");
      const archive = word("mail.folder.archive");
      // By keyboard: the browser makes of these keys what it makes of the Menu key.
      await page.getByRole("navigation").getByRole("button", { name: archive, exact: true }).first().focus();
      await page.keyboard.press("Shift+F10");
      await page.getByRole("menu", { name: word("mail.folder.menu", { folder: archive }) }).waitFor();
    },
  },
  {
    name: "new folder, with a name that cannot be",
    open: async ({ page, word }) => {
      await page.getByRole("menuitem", { name: word("mail.folder.newIn") }).click();
      const sheet = page.getByRole("dialog", { name: word("mail.folder.create.title") });
      await sheet.getByRole("textbox").fill("a/b");
      await sheet.getByText(word("mail.folder.name.delimiter", { delimiter: "/" })).waitFor();
    },
  },
  {
    name: "deleting a folder",
    open: async ({ page, word }) => {
      await page.keyboard.press("Escape");
      const folder = page
        .getByRole("navigation")
        .getByRole("button", { name: /^Wysłane kopie/ })
        .first();
      await folder.focus();
      await page.keyboard.press("Delete");
      const title = word("mail.folder.delete.title", { folder: "Wysłane kopie" });
      await page.getByRole("alertdialog", { name: title }).waitFor();
    },
  },
  {
    name: "empty folder",
    open: async ({ page, word, see }) => {
      await page.keyboard.press("Escape");
      // Carol's, who has no mail.
      await page.getByRole("navigation").getByText(word("mail.folder.inbox"), { exact: true }).last().click();
      await see("mail.empty.folder.title");
    },
  },
];

/** What opens over the mail. */
export const SHEETS: readonly Screen[] = [
  {
    name: "picture",
    open: async ({ page, press }) => {
      await page
        .getByRole("option", { name: /Colour and plan/ })
        .first()
        .click();
      await press("mail.attachment.look", { filename: "map.png" });
      await page.getByRole("dialog", { name: "map.png" }).getByRole("img", { name: "map.png" }).waitFor();
    },
  },
  {
    name: "PDF file",
    open: async ({ page, press, word }) => {
      await press("mail.preview.previous");
      const drawn = page.getByRole("img", {
        name: word("mail.preview.pageOf", { name: "plan.pdf", number: 1 }),
      });
      await drawn.waitFor();
    },
  },
  {
    name: "status of an account",
    open: async (visit) => {
      await visit.page.keyboard.press("Escape");
      await openStatus(visit);
      await visit.see("status.receive");
    },
  },
  {
    name: "journal of an account",
    open: async ({ press, page, word }) => {
      await press("journal.show");
      const entries = page.getByRole("region", { name: word("journal.title") });
      await entries.getByRole("listitem").first().waitFor();
      await entries.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "command palette",
    open: async ({ page, word }) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog", { name: word("commands.palette") }).waitFor();
    },
  },
  {
    name: "keyboard shortcuts",
    open: async ({ page, word }) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: word("commands.shortcuts") }).waitFor();
    },
  },
];

/** The settings, page by page. */
export const SETTINGS: readonly Screen[] = [
  {
    name: "settings",
    open: async ({ page, word }) => {
      await rows(page).waitFor();
      await page.keyboard.press("Control+,");
      await page.getByRole("heading", { level: 1, name: word("settings.general") }).waitFor();
    },
  },
  { name: "settings of notifications", open: (visit) => turnTo(visit, "settings.notifications") },
  { name: "sign-in services", open: (visit) => turnTo(visit, "settings.services") },
  {
    name: "a client id of one's own",
    open: async ({ press, see, field }) => {
      await press("settings.registration.add");
      await field("settings.registration.service").selectOption("microsoft");
      await see("settings.steps.redirects");
    },
  },
  {
    name: "storage",
    open: async (visit) => {
      await visit.page.keyboard.press("Escape");
      await turnTo(visit, "settings.storage");
      await visit.see("settings.storage.where");
    },
  },
  {
    name: "a database that was checked",
    open: async ({ press, see }) => {
      await press("settings.repair.start");
      await see("settings.repair.nothing");
    },
  },
  {
    name: "about, with a diagnosis",
    open: async (visit) => {
      await turnTo(visit, "settings.about");
      await visit.press("settings.doctor.run");
      await visit.see("settings.doctor.show");
    },
  },
  {
    name: "settings of an account",
    open: async ({ page }) => {
      await page.getByRole("navigation").getByText(ALICE).click();
      await page.getByRole("heading", { level: 1, name: ALICE }).waitFor();
    },
  },
  {
    name: "proofs of an account",
    open: async ({ page, press, word }) => {
      await press("settings.test");
      const verdict = page.getByText(word("setup.proofs.all"));
      await verdict.waitFor();
      await verdict.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "chosen folders",
    open: async ({ page, word, see }) => {
      await page.getByRole("radio", { name: word("settings.sync.someFolders"), exact: true }).click();
      await see("setup.choose.parents");
    },
  },
  {
    name: "servers of an account",
    open: async ({ press, page, word }) => {
      await press("settings.servers.change");
      await page
        .getByText(/localhost:\d+/)
        .first()
        .waitFor();
      await page.getByRole("button", { name: word("settings.servers.prove") }).waitFor();
    },
  },
  {
    name: "an address and its signature",
    open: async ({ press, page, word }) => {
      await press("settings.identity.add");
      await page.getByRole("textbox", { name: word("settings.signature") }).waitFor();
    },
  },
  {
    name: "removing an account",
    open: async ({ page, press }) => {
      await page.keyboard.press("Escape");
      await press("settings.remove.action");
      await page.getByRole("alertdialog").waitFor();
    },
  },
];

/** Writing: a new message, and an answer. */
export const WRITING: readonly Screen[] = [
  {
    name: "new message",
    open: async ({ page, press, field, word }) => {
      await rows(page).waitFor();
      await press("mail.write");
      await field("compose.subject").waitFor();
      // The editor comes a moment later.
      await page.getByRole("textbox", { name: word("compose.text") }).waitFor();
    },
  },
  {
    name: "message that cannot be sent yet",
    open: async ({ press, see }) => {
      await press("compose.send");
      await see("compose.check.nobody");
    },
  },
  {
    name: "send later",
    open: async ({ press, see }) => {
      await press("compose.sendLater");
      await see("compose.later.tomorrow");
    },
  },
  {
    name: "day and time to send at",
    open: async ({ page, word, see }) => {
      await page.getByRole("menuitem", { name: word("compose.later.pick") }).click();
      await see("compose.later.note");
    },
  },
  {
    name: "link in a message",
    open: async ({ page, press, word }) => {
      await page.keyboard.press("Escape");
      await press("compose.format.link");
      await page.getByRole("dialog", { name: word("compose.link.title") }).waitFor();
    },
  },
  {
    name: "message without a subject",
    open: async ({ page, press, field, word, see }) => {
      await page.keyboard.press("Escape");
      await field("compose.to").fill(ALICE);
      await page.getByRole("textbox", { name: word("compose.text") }).click();
      await press("compose.send");
      await see("compose.ask.subject");
    },
  },
  {
    name: "discard a draft",
    open: async ({ press, see }) => {
      await press("compose.ask.back");
      await press("compose.discard");
      await see("compose.discard.title");
    },
  },
  {
    name: "answer",
    open: async ({ page, press, field }) => {
      await press("compose.discard.yes");
      await rows(page).click();
      await page.getByRole("article").first().waitFor();
      await press("mail.do.reply");
      await field("compose.subject").waitFor();
    },
  },
];

/** The door of `trouble.ts`: what could not be sent, and what could not be carried to the server. */
export const TROUBLE: readonly Screen[] = [
  {
    name: "outbox",
    open: async ({ page, word, see }) => {
      await page.getByRole("navigation").getByText(word("mail.outbox"), { exact: true }).click();
      await see("outbox.state.failed");
      await see("outbox.state.unknown");
      await page.getByText("Minutes").first().waitFor();
      const entry = page.getByRole("navigation").getByRole("button", { name: word("mail.outbox") });
      await entry.filter({ hasText: /3$/ }).waitFor();
    },
  },
  {
    name: "changes that wait",
    open: async ({ page, word, press }) => {
      await page.getByRole("navigation").getByText(word("mail.folder.inbox"), { exact: true }).click();
      await rows(page).click();
      await page.getByRole("article").first().waitFor();
      await press("mail.do.delete");
      const counted = word("mail.waiting.count", { count: 0 }).replace("0", String.raw`\d+`);
      await page.getByRole("button", { name: new RegExp(counted) }).click();
      await page
        .getByRole("dialog", { name: word("mail.waiting.title") })
        .getByRole("listitem")
        .first()
        .waitFor();
    },
  },
  {
    name: "status of an account without its servers",
    open: async (visit) => {
      await visit.page.keyboard.press("Escape");
      await openStatus(visit);
      await visit.see("status.receive");
    },
  },
];

/** What a browser shows that came without a link, or with one that was used. */
export const NO_DOOR: readonly Screen[] = [
  { name: "no way in", open: ({ see }) => see("error.door_refused.title") },
];

/** Every state that the status of an account knows. */
export const STATES: readonly Screen[] = DAYS.map((day) => ({
  name: `status of an account ${day.name}`,
  open: async (visit) => {
    await tell(visit, day);
    await openStatus(visit);
    await visit.see("status.receive");
  },
}));

/** Opens the status of alice's account, whatever it is. */
export async function openStatus({ page, word }: Visit): Promise<void> {
  const name = word("mail.status.open", { address: ALICE, state: "" });
  await page.getByRole("button", { name }).click();
  await page.getByRole("dialog", { name: word("mail.status.title", { address: ALICE }) }).waitFor();
}

/** Opens a page from the list of the settings, which a narrow window has on a page of its own. */
async function turnTo({ page, press, word }: Visit, title: string): Promise<void> {
  await press(title);
  await page.getByRole("heading", { level: 1, name: word(title) }).waitFor();
}

function rows(page: Visit["page"]) {
  return page.getByRole("option").first();
}
