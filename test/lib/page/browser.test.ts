import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { PageFacts } from "../../../lib/page/page-facts";
import { renderPage } from "../../../lib/page/render-page";
import { writePage } from "../../../lib/page/write-page";
import { axeViolations, startBrowser } from "../../support/browser";
import { hostileTexts, pageFacts } from "../../support/page-facts";
import { startStaticServer } from "../../support/static-server";

const widths = [360, 768, 1280];
const schemes = ["light", "dark"] as const;

describe("pages of a release, in a browser", function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;

  before(async function () {
    browser = await startBrowser(this);
    folder = await mkdtemp(path.join(tmpdir(), "slipway-page-"));
    await write("site", drifted());
    await write("hostile", {
      ...pageFacts({}, hostileTexts),
      name: hostileTexts.title,
      install: hostileTexts.markdown,
    });
  });

  after(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const write = (site: string, facts: PageFacts) => writePage(path.join(folder, site), renderPage(facts));
  const urlOf = (site: string, file: string) => pathToFileURL(path.join(folder, site, file)).href;

  /** A page with no script of its own to run, as whoever has switched it off sees it. */
  async function withPage(
    options: BrowserContextOptions,
    work: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      await work(await context.newPage());
    } finally {
      await context.close();
    }
  }

  const files = [
    "index.html",
    "served.html",
    "versions.html",
    "versions/v1.2.0/index.html",
    "versions/v1.2.0/packages.html",
  ];

  for (const width of widths)
    for (const colorScheme of schemes)
      it(`${width} pixels wide and ${colorScheme}: axe finds nothing, and nothing is wider than the window`, () =>
        withPage({ viewport: { width, height: 800 }, colorScheme }, async (page) => {
          // Colors are the same on all pages, and each page has been looked at with the narrowest and the widest window.
          const isWhole = width === 360 ? colorScheme === "light" : width === 1280 && colorScheme === "dark";
          for (const file of isWhole ? files : files.slice(0, 1)) {
            await page.goto(urlOf("site", file));
            assert.deepEqual(await axeViolations(page), [], file);
            const isWider = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
            assert.equal(await page.evaluate(isWider), false, file);
          }
        }));

  it("without JavaScript all of it is there", () =>
    withPage({ javaScriptEnabled: false }, async (page) => {
      await page.goto(urlOf("site", "index.html"));
      const text = (await page.textContent("main")) ?? "";
      for (const part of ["drifted", "docker pull", "cosign verify", "24.4 MB", "v1.0.0"])
        assert.ok(text.includes(part), part);
      await page.click("text=All 13 rows");
      assert.equal(await page.textContent("h1"), "What is served");
      await page.click("nav >> text=Versions");
      await page.click("table >> text=v1.1.0");
      assert.equal(await page.textContent("h1"), "Version v1.1.0");
      await page.click("text=Packages in it");
      assert.equal(await page.textContent("h1"), "Packages of v1.1.0");
    }));

  it("asks nobody for anything, also where a server would answer", async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as AddressInfo;
    const web = await startStaticServer(path.join(folder, "site"));
    try {
      await withPage({}, async (page) => {
        page.on("request", (request) => asked.push(request.url()));
        for (const file of files) await page.goto(`${web.url}/${file}`);
        assert.deepEqual(
          asked,
          files.map((file) => `${web.url}/${file}`),
        );
        // What somebody put into the page all the same would not be loaded.
        asked.length = 0;
        await page.evaluate(
          `const image = new Image(); image.src = "http://127.0.0.1:${port}/pixel"; document.body.append(image);
           const style = document.createElement("style"); style.textContent = "h1 { display: none }"; document.head.append(style);`,
        );
        await page.waitForTimeout(200);
        assert.deepEqual(
          asked.filter((url) => url.startsWith("/")),
          [],
        );
        assert.equal(await page.isVisible("h1"), true);
      });
    } finally {
      await web.stop();
      other.close();
    }
  });

  it("by keyboard: first to the content, then from link to link, and what scrolls is reached", () =>
    withPage({ viewport: { width: 360, height: 800 } }, async (page) => {
      await page.goto(urlOf("site", "index.html"));
      const focused = () =>
        page.evaluate<[string, string, boolean]>(
          `(() => { const at = document.activeElement, box = at.getBoundingClientRect();
             return [at.className, at.textContent.trim().slice(0, 20), box.left >= 0 && box.width > 0]; })()`,
        );
      await page.keyboard.press("Tab");
      assert.deepEqual(await focused(), ["skip", "To the content", true]);
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate("document.activeElement.id"), "content");
      await page.keyboard.press("Tab");
      const seen: string[] = [];
      for (let press = 0; press < 60; press += 1) {
        const [kind, text, isVisible] = await focused();
        if (text === "" || kind === "skip") break;
        assert.ok(isVisible, `${kind} ${text}`);
        seen.push(kind === "" ? text : kind);
        await page.keyboard.press("Tab");
      }
      assert.ok(
        seen.includes("scroll") && seen.includes("All 13 rows") && seen.includes("page.json"),
        seen.join("; "),
      );
      const order = await page.evaluate<boolean>(
        "[...document.querySelectorAll('[tabindex]')].every((one) => one.tabIndex <= 0)",
      );
      assert.equal(order, true);
    }));

  it("in print nothing is cut off, and the links between pages are left out", () =>
    withPage({ viewport: { width: 1280, height: 800 } }, async (page) => {
      await page.goto(urlOf("site", "index.html"));
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize({ width: 700, height: 900 });
      const cut = await page.evaluate<string[]>(
        "[...document.querySelectorAll('pre, .scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent.slice(0, 60))",
      );
      assert.deepEqual(cut, []);
      assert.equal(await page.isVisible("nav"), false);
      assert.ok((await page.pdf()).length > 5_000);
    }));

  it("what others have written is text: no script, no element, no address of theirs, in HTML and in the feed", () =>
    withPage({}, async (page) => {
      page.on("dialog", () => assert.fail("a script has run"));
      const rendered = renderPage({
        ...pageFacts({}, hostileTexts),
        name: hostileTexts.title,
        install: hostileTexts.markdown,
      });
      for (const { path: file } of rendered.filter((one) => one.path.endsWith(".html"))) {
        await page.goto(urlOf("hostile", file));
        const found = await page.evaluate<string[]>(`[...document.querySelectorAll("*")].flatMap((one) => [
          ...(["SCRIPT", "IMG", "IFRAME", "OBJECT", "FORM"].includes(one.tagName) ? [one.outerHTML] : []),
          ...[...one.attributes].flatMap(({ name, value }) => name.startsWith("on") || /^(javascript|data):/i.test(value) ? [name + "=" + value] : []),
          ...(one.tagName === "A" && !["file:", "https:"].includes(one.protocol) ? [one.href] : []),
        ])`);
        assert.deepEqual(found, [], file);
      }
      assert.deepEqual(await axeViolations(page), []);
      const feed = rendered.find((one) => one.path === "feed.xml")?.bytes.toString("utf8") ?? "";
      await page.goto("about:blank");
      const read = await page.evaluate<{ errors: number; entries: number; titles: string[] }, string>(
        (text) => {
          const parsed = new (
            globalThis as unknown as {
              DOMParser: new () => { parseFromString(one: string, type: string): FeedDocument };
            }
          ).DOMParser().parseFromString(text, "application/xml");
          return {
            errors: parsed.querySelectorAll("parsererror").length,
            entries: parsed.querySelectorAll("feed > entry > link").length,
            titles: [...parsed.querySelectorAll("entry > title")].map((one) => one.textContent),
          };
        },
        feed,
      );
      assert.deepEqual([read.errors, read.entries], [0, 3], feed);
      assert.match(read.titles[0] ?? "", /<script>alert\(1\)<\/script>/);
    }));
});

interface FeedDocument {
  querySelectorAll(selector: string): Iterable<{ textContent: string }> & { length: number };
}

/** Facts with something of each kind that a reader may meet. */
function drifted(): PageFacts {
  const facts = pageFacts();
  const rows = facts.status.rows.map((row, index) =>
    index === 0
      ? {
          ...row,
          state: "drifted" as const,
          served: `sha256:${"d".repeat(64)}`,
          reason: "`pulumi up` puts it back",
        }
      : row,
  );
  const channel = {
    kind: "channel",
    place: "git:Files",
    name: "hello:homebrew",
    declared: "1.2.0",
    served: "",
  };
  return {
    ...facts,
    status: {
      ...facts.status,
      rows: [...rows, { ...channel, state: "awaiting", since: "2026-11-28T10:12:00Z", reason: "in review" }],
    },
    deprecated: [{ versions: "1.0", since: "2026-04-01", removal: "2027-04-01", instead: "v1.2.0" }],
    metrics: {
      times: ["2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z", "2026-11-29T00:00:00Z"],
      series: {
        [JSON.stringify(["pulls", "docker.io/acme/hello", "", "", ""])]: [120, 640, 1234],
        [JSON.stringify(["downloads", "npm hello", "", "", "30 days"])]: [null, 88, 140],
      },
    },
    served: {
      subject: "hello/prod",
      times: [],
      series: {},
      releases: {
        "channel hello:homebrew": [
          { version: "v1.1.0", released: "2026-02-12T10:00:00Z", served: "2026-02-12T11:30:00Z" },
          { version: "v1.2.0", released: "2026-03-12T10:00:00Z", served: "2026-03-12T12:15:00Z" },
        ],
        "channel hello:chocolatey": [
          { version: "v1.2.0", released: "2026-03-12T10:00:00Z", served: "2026-03-13T12:00:00Z" },
        ],
      },
    },
  };
}
