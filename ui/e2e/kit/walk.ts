import type { Screen } from "../screens";
import { overflow, violations } from "./axe";
import { LOCALES } from "./browser";
import type { Visit } from "./browser";
import type { Office } from "./office";
import { WANTED, picture } from "./pictures";

/** Widths at which a screen is looked at; 640 is a window of 1280 at 200 %. */
const WIDTHS = [1280, 640, 420];
const SIZE = { width: 1280, height: 800 };

/** Opens screen after screen and gathers what is wrong with them. */
export async function walk(person: Visit, office: Office, screens: readonly Screen[]): Promise<string[]> {
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

/**
 * Looks at a screen at every width: at what it is made of, and whether it is wider than its window. What a theme does to it
 * is the same in every language, and most of the time went there; so each language takes another width for each theme, and
 * together they see them all.
 */
async function look({ page, locale }: Visit): Promise<string[]> {
  const found: string[] = [];
  const turn = LOCALES.indexOf(locale);
  const [light, dark, forced] = [0, 1, 2].map((shift) => WIDTHS[(turn + shift) % WIDTHS.length]);
  /* oxlint-disable no-await-in-loop -- one page, one look after the other */
  for (const width of WIDTHS) {
    await page.setViewportSize({ ...SIZE, width });
    const told = (theme: string) => (line: string) => `${width}px ${theme}: ${line}`;
    const unfit = async (theme: string) => {
      const wider = await overflow(page);
      return wider > 0 ? [told(theme)(`the page is ${wider}px wider than its window`)] : [];
    };
    found.push(...(await violations(page, width === light ? "all" : "structure")).map(told("light")));
    found.push(...(await unfit("light")));
    if (width === dark) {
      await page.emulateMedia({ colorScheme: "dark" });
      found.push(...(await violations(page, "colour")).map(told("dark")));
      await page.emulateMedia({ colorScheme: "light" });
    }
    if (width === forced) {
      await page.emulateMedia({ forcedColors: "active" });
      found.push(...(await unfit("forced colours")));
      await page.emulateMedia({ forcedColors: "none" });
    }
  }
  /* oxlint-enable no-await-in-loop */
  await page.setViewportSize(SIZE);
  return found;
}
