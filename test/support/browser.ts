import { readFileSync } from "node:fs";
import type { Context } from "mocha";
import { chromium, type Browser, type Page } from "playwright-core";
import type { AxeResults } from "axe-core";
import { hasProgram } from "./clients";
import { requirement } from "./requirement";

/** Debian's browser; Playwright brings none here. @param context mocha's `this` of `before` */
export async function startBrowser(context: Context): Promise<Browser> {
  requirement(context, hasProgram("chromium"), "chromium is not installed (apt-get install chromium)");
  // Root has no sandbox of Chromium; the pages are those of this test.
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with a page, each with its place; it is run by the browser's tools, and not by the page. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target[0])}: ${failureSummary ?? ""}`),
  );
}
