import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type * as Axe from "axe-core";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What every screen is held against: WCAG 2.1, levels A and AA. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** Which of the rules: those about colour, which a theme can break, those about everything else, or both. */
export type Rules = "colour" | "structure" | "all";

/** What axe finds, one line for each kind: the rule, what it wants, and the elements. */
export async function violations(page: Page, rules: Rules): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    // By the debugger: the page's policy lets no foreign script in.
    await page.evaluate(AXE);
  }
  const found = await page.evaluate(
    async ([tags, wanted]) => {
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const unwanted = axe.getRules().filter((rule) => {
        const isColour = rule.tags.includes("cat.color");
        return wanted !== "all" && (wanted === "colour") !== isColour;
      });
      const results: Axe.AxeResults = await axe.run(document, {
        runOnly: { type: "tag", values: [...tags] },
        rules: Object.fromEntries(unwanted.map(({ ruleId }) => [ruleId, { enabled: false }])),
        resultTypes: ["violations"],
        // The text of a message is somebody else's.
        iframes: false,
      });
      return results.violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ""}`),
      }));
    },
    [TAGS, rules] as const,
  );
  return found.map(({ id, help, nodes }) => {
    const [first = ""] = nodes;
    return `${id} (${help}) ×${nodes.length}: ${first.replaceAll(/\s+/g, " ")}`;
  });
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
