import type { Visit } from "./kit/browser";
import { BOB } from "./kit/office";
import type { Office } from "./kit/office";

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
  {
    name: "waiting for the browser",
    open: async ({ press, see }) => {
      await press("setup.signin.browser.action");
      await see("setup.browser.url");
    },
  },
  {
    name: "sign-in with a password",
    open: async ({ press, see }) => {
      await press("setup.cancel");
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
    name: "first load",
    open: async ({ page, word, press, see }) => {
      await page.getByLabel(word("setup.choose.every")).check();
      await press("setup.choose.action");
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
    name: "move to a folder",
    open: async ({ page, word, press }) => {
      await press("mail.do.move");
      await page.getByRole("dialog", { name: word("mail.move.title") }).waitFor();
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
    name: "empty folder",
    open: async ({ page, press, word, see }) => {
      await press("mail.search.clear");
      // Carol's, who has no mail.
      await page.getByRole("navigation").getByText(word("mail.folder.inbox"), { exact: true }).last().click();
      await see("mail.empty.folder.title");
    },
  },
];

function rows(page: Visit["page"]) {
  return page.getByRole("option").first();
}
