import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import type { Browser, Locator, Page } from "playwright-core";
import { createIntl } from "react-intl";

import type { ServedDoor } from "./door";

export const LOCALES = ["en", "pl", "ru"] as const;
export type Locale = (typeof LOCALES)[number];

const TAGS: Record<Locale, string> = { en: "en-GB", pl: "pl-PL", ru: "ru-RU" };

/** Debian's Chromium without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"].concat(
      "--disable-background-networking",
      "--disable-component-update",
    ),
  });
}

/** A person in front of the page, who reads one language. */
export interface Visit {
  page: Page;
  locale: Locale;
  /** The words of the interface for a key. */
  word(key: string, values?: Record<string, string | number>): string;
  /** Presses the button with the words of a key. */
  press(key: string, values?: Record<string, string | number>): Promise<void>;
  /** The field with the words of a key. */
  field(key: string, values?: Record<string, string | number>): Locator;
  /** Waits until the words of a key are there. */
  see(key: string, values?: Record<string, string | number>): Promise<void>;
  end(): Promise<void>;
}

/** The sessions of doors whose link was used: a browser context more needs the session itself. */
const sessions = new WeakMap<ServedDoor, string>();

/** Comes to a door in a language. The first visit uses the link, as a person does. */
export async function visit(browser: Browser, door: ServedDoor, locale: Locale): Promise<Visit> {
  const person = await arrive(browser, locale);
  const { page } = person;
  const session = sessions.get(door);
  if (session === undefined) {
    await page.goto(door.link);
    const kept = await page.waitForFunction(() => sessionStorage.getItem("mailroom.session"));
    sessions.set(door, (await kept.jsonValue()) ?? "");
  } else {
    await page.addInitScript((value) => sessionStorage.setItem("mailroom.session", value), session);
    await page.goto(door.address);
  }
  return person;
}

/** Comes to a door without a link. */
export async function visitUninvited(browser: Browser, door: ServedDoor, locale: Locale): Promise<Visit> {
  const person = await arrive(browser, locale);
  await person.page.goto(door.address);
  return person;
}

/** A person in front of an empty page. */
async function arrive(browser: Browser, locale: Locale): Promise<Visit> {
  const context = await browser.newContext({
    locale: TAGS[locale],
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(String(error)));
  const file = fileURLToPath(new URL(`../../src/i18n/locales/${locale}.json`, import.meta.url));
  const messages = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const intl = createIntl({ locale, messages });
  const word: Visit["word"] = (key, values) => {
    if (!(key in messages)) {
      throw new Error(`no words for ${key}`);
    }
    // The keys are a type of the page; here they are data.
    return String(intl.formatMessage({ id: key } as never, values));
  };
  return {
    page,
    locale,
    word,
    press: (key, values) =>
      page
        .getByRole("button", { name: word(key, values), exact: true })
        .first()
        .click(),
    field: (key, values) => page.getByLabel(word(key, values), { exact: true }).first(),
    see: (key, values) => page.getByText(word(key, values)).first().waitFor(),
    async end() {
      // The page may be asking for something at this moment.
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
      if (failures.length > 0) {
        throw new Error(`the page failed: ${failures.join("\n")}`);
      }
    },
  };
}
