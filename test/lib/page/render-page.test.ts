import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import * as path from "node:path";
import Ajv from "ajv";
import type { PageFacts } from "../../../lib/page/page-facts";
import { renderPage } from "../../../lib/page/render-page";
import type { ProjectPage, VersionPage } from "../../../lib/page/page-data";
import { ForeignFolderError, refuseForeignFolder, writePage } from "../../../lib/page/write-page";
import { deprecationList, parseDeprecationList } from "../../../lib/retention/deprecation-list";
import { hostileTexts, pageFacts } from "../../support/page-facts";
import { temporaryDirectory } from "../../tools/temporary-directory";

const schema = JSON.parse(
  readFileSync(path.resolve(__dirname, "../../../lib/page/page.schema.json"), "utf8"),
) as object;

function rendered(facts: PageFacts): Map<string, string> {
  return new Map(renderPage(facts).map(({ path: file, bytes }) => [file, bytes.toString("utf8")]));
}

function jsonAt<T>(files: Map<string, string>, file: string): T {
  return JSON.parse(files.get(file) ?? "null") as T;
}

describe("pages of a release", () => {
  it("are a page for each version, what is served, a feed and the same as JSON, the first page last", () => {
    const files = renderPage(pageFacts()).map(({ path: file }) => file);
    const ofVersion = (version: string) =>
      ["version.json", "packages.html", "index.html"].map((file) => `versions/${version}/${file}`);
    assert.deepEqual(files, [
      "page.schema.json",
      ...["v1.2.0", "v1.1.0", "v1.0.0"].flatMap(ofVersion),
      "served.html",
      "versions.html",
      "index.html",
      "page.json",
      "feed.xml",
    ]);
  });

  it("are the same bytes for the same facts", () => {
    assert.deepEqual(renderPage(pageFacts()), renderPage(pageFacts()));
  });

  it("say of each version what is published where, and how each digest is checked", () => {
    const files = rendered(pageFacts());
    const page = files.get("versions/v1.2.0/index.html") ?? "";
    const { images, releases } = jsonAt<VersionPage>(files, "versions/v1.2.0/version.json");
    assert.equal(images.length, 2);
    for (const { repository, digest, tags, platforms, verify } of images) {
      assert.ok(Array.isArray(platforms));
      assert.deepEqual(
        platforms.map(({ platform, size, before }) => [platform, size, before]),
        [
          ["linux/amd64", 23_200_000, 22_300_000],
          ["linux/arm64", 24_400_000, 23_500_000],
        ],
      );
      assert.deepEqual(tags, [{ tag: "v1.2.0", state: "served", served: digest }]);
      assert.deepEqual(verify, [
        `test "$(crane digest ${repository}:v1.2.0)" = ${digest}`,
        `cosign verify --key hello.pub --insecure-ignore-tlog --trusted-root root.json --new-bundle-format ${repository}@${digest}`,
        `cosign tree ${repository}@${digest}`,
      ]);
      assert.ok(page.includes(`docker pull ${repository}@${digest}\n`));
      for (const command of verify) assert.ok(page.includes(command.replaceAll('"', "&quot;")), command);
    }
    const [file] = releases[0]?.files ?? [];
    assert.equal(
      file?.url,
      "https://downloads.acme.example/releases/download/v1.2.0/hello_1.0.0_linux_amd64.tar.gz",
    );
    assert.ok(page.includes(`<a href="${file?.url}">`) && page.includes(file?.sha256 ?? "none"));
  });

  it("list the packages of a version, with what has changed since the one before", () => {
    const files = rendered(pageFacts());
    const { from, packages } = jsonAt<VersionPage>(files, "versions/v1.2.0/version.json");
    assert.equal(from, "v1.1.0");
    assert.ok("list" in packages);
    assert.equal(packages.images.length, 4);
    const changed = packages.list.filter(({ change }) => change !== undefined);
    assert.deepEqual(
      changed.map(({ name, change, before, versions }) => [name, change, before, versions]),
      [
        ...["lib10", "lib20", "lib30", "openssl"].map((name) => [
          `deb/debian/${name}`,
          "changed",
          ["3.1.1"],
          ["3.2.1"],
        ]),
        ["golang/example.com/of-1", "went", ["v0.1.0"], []],
        ["golang/example.com/of-2", "came", undefined, ["v0.1.0"]],
      ],
    );
    const page = files.get("versions/v1.2.0/packages.html") ?? "";
    for (const { name } of packages.list) assert.ok(page.includes(`<code>${name}</code>`), name);
  });

  it("tell what scans have found, what is new and what is fixed", () => {
    const { vulnerabilities } = jsonAt<VersionPage>(rendered(pageFacts()), "versions/v1.2.0/version.json");
    assert.ok("list" in vulnerabilities);
    assert.deepEqual(
      vulnerabilities.list.map(({ id, change }) => [id, change]),
      [
        ["CVE-2026-1002", "new"],
        ["CVE-2026-1001", "fixed"],
      ],
    );
  });

  it("say why something is not available, and show everything else", () => {
    const facts = pageFacts();
    const contents = new Map(
      [...facts.contents.keys()].map((key) => [key, { notAvailable: "ghcr.io answers with HTTP 401" }]),
    );
    const files = rendered({ ...facts, contents });
    const page = files.get("versions/v1.2.0/index.html") ?? "";
    assert.match(page, /Platforms are not available: ghcr\.io answers with HTTP 401/);
    assert.match(page, /Known vulnerabilities<\/h2>\n<p>Not available: ghcr\.io answers with HTTP 401\./);
    assert.match(files.get("versions/v1.2.0/packages.html") ?? "", /Not available: ghcr\.io/);
    const bare = new Map(
      [...facts.contents].map(([key, found]) => [
        key,
        "images" in found
          ? { images: found.images.map(({ platform, digest, size }) => ({ platform, digest, size })) }
          : found,
      ]),
    );
    const without = rendered({ ...facts, contents: bare }).get("versions/v1.2.0/index.html") ?? "";
    assert.match(without, /Not available: no report of a scan is attached to any image\./);
    assert.match(without, /Packages are not available: no SBOM is attached to any image\./);
  });

  it("show what is not as published where it is first seen, on the page of its version, and in the JSON", () => {
    const facts = pageFacts();
    const drift = {
      state: "drifted",
      served: `sha256:${"d".repeat(64)}`,
      reason: "`pulumi up` puts it back",
    } as const;
    const rows = facts.status.rows.map((row) => {
      if (row.kind === "tag" && row.place === "ghcr.io/acme/hello" && row.name === "v1.2.0")
        return { ...row, ...drift };
      if (row.kind === "file" && row.place.endsWith("v1.1.0") && row.name === "SHA256SUMS")
        return { ...row, state: "missing" as const, served: "", reason: "" };
      return row;
    });
    const channel = {
      kind: "channel",
      place: "git:Files",
      name: "hello:homebrew",
      declared: "1.2.0",
      served: "",
    };
    const status = {
      ...facts.status,
      rows: [...rows, { ...channel, state: "behind" as const, reason: "users still get 1.1.0" }],
    };
    const files = rendered({ ...facts, status });
    const front = files.get("index.html") ?? "";
    assert.match(front, /Of 13 things, 3 are not as published\./);
    for (const [name, state] of [
      ["v1.2.0", "drifted"],
      ["SHA256SUMS", "missing"],
      ["hello:homebrew", "behind"],
    ])
      assert.match(front, new RegExp(`<code>${name}</code></th>.*<span class="state bad">${state}</span>`));
    assert.match(front, /<code>pulumi up<\/code> puts it back/);
    assert.match(
      files.get("versions/v1.2.0/index.html") ?? "",
      /<code>v1\.2\.0<\/code> <span class="state bad">drifted/,
    );
    assert.match(
      files.get("versions/v1.1.0/index.html") ?? "",
      /SHA256SUMS<\/code><\/a><\/th>.*<span class="state bad">missing/,
    );
    assert.equal(jsonAt<ProjectPage>(files, "page.json").rows.length, 13);
  });

  it("never claim that something is served which nobody has looked at", () => {
    const facts = pageFacts();
    const files = rendered({
      ...facts,
      status: { rows: [], errors: ["the passphrase is missing"], looked: 0 },
    });
    assert.match(
      files.get("index.html") ?? "",
      /Nobody has looked\.[^]*Not all could be looked at: the passphrase is missing/,
    );
    for (const [file, text] of files) assert.doesNotMatch(text, /state good/, file);
  });

  it("mark versions that users are told to leave", () => {
    const deprecated = [
      {
        versions: "1.0",
        since: "2026-04-01",
        removal: "2027-04-01",
        reason: "It gets no fixes.",
        instead: "v1.2.0",
      },
    ];
    const told = parseDeprecationList(deprecationList("hello", deprecated));
    const files = rendered({ ...pageFacts(), deprecated: told });
    assert.match(
      files.get("versions.html") ?? "",
      /deprecated since 2026-04-01; may go from 2027-04-01; use v1\.2\.0/,
    );
    assert.match(
      files.get("versions/v1.0.0/index.html") ?? "",
      /<strong>Deprecated<\/strong> since 2026-04-01 \(1\.0\)\. From 2027-04-01 on it may be removed\. It gets no fixes\. Use v1\.2\.0 instead\./,
    );
    assert.doesNotMatch(files.get("versions/v1.1.0/index.html") ?? "", /Deprecated/);
    assert.match(files.get("feed.xml") ?? "", /Deprecated since 2026-04-01\./);
  });

  it("draw sizes, use and times until served, each beside a table of its values", () => {
    const key = (metric: string, version = "") =>
      JSON.stringify([metric, "docker.io/acme/hello", version, "", ""]);
    const metrics = {
      times: ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"],
      series: { [key("pulls")]: [5, 1234], [key("downloads", "v1.0.0")]: [1, 2], "no key": [1, 1] },
    };
    const released = "2026-02-12T10:00:00Z";
    const served = {
      subject: "hello/prod",
      times: [],
      series: {},
      releases: {
        "channel hello:homebrew": [
          { version: "1.1.0", released, open: "2026-02-12T11:00:00Z", served: "2026-02-12T12:00:00Z" },
          { version: "1.2.0", released: "2026-03-12T10:00:00Z", open: "2026-03-12T12:00:00Z" },
        ],
      },
    };
    const files = rendered({ ...pageFacts(), metrics, served });
    const { charts } = jsonAt<ProjectPage>(files, "page.json");
    assert.deepEqual(
      charts.map(({ unit, at, series }) => [unit, at, series.length]),
      [
        ["bytes", ["v1.0.0", "v1.1.0", "v1.2.0"], 4],
        ["count", metrics.times, 1],
        ["seconds", ["1.1.0"], 1],
      ],
    );
    const front = files.get("index.html") ?? "";
    assert.equal(front.match(/<svg viewBox="0 0 500/g)?.length, 3);
    for (const value of ["24.4 MB", "1234", "2 h"])
      assert.ok(front.includes(`<td class="number">${value}</td>`), value);
  });

  it("obey nothing that others have written: names, messages, versions, addresses", () => {
    const facts = pageFacts({}, hostileTexts);
    const files = rendered({
      ...facts,
      name: hostileTexts.title,
      install: hostileTexts.markdown,
      deprecated: [],
      addressOf: () => "javascript:alert(1)",
      status: { ...facts.status, errors: [hostileTexts.title] },
    });
    for (const [file, text] of files) {
      assert.doesNotMatch(file, /\.\.|^\/|[^a-z0-9._/+-]/, file);
      if (!file.endsWith(".html")) continue;
      assert.doesNotMatch(text, /<script|<img|<iframe|<!--/i, file);
      assert.doesNotMatch(text.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\son\w+=/i, file);
      assert.doesNotMatch(text, /(?:href|src)="(?!https?:\/\/|[\w./+-]*"|#content")/, file);
      // eslint-disable-next-line no-control-regex -- what a terminal or a reader would obey
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/, file);
      assert.equal(text.match(/<style>/g)?.length, 1, file);
    }
    assert.match(files.get("index.html") ?? "", /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.equal(new Set(files.keys()).size, files.size);
  });

  it("quote what a reader copies into a shell", () => {
    const facts = pageFacts(
      { images: 1, versions: 1 },
      { ...hostileTexts, repository: "ghcr.io/acme/$(id)" },
    );
    const { images } = jsonAt<VersionPage>(
      rendered(facts),
      [...rendered(facts).keys()].find((file) => file.endsWith("version.json")) ?? "",
    );
    for (const command of images[0]?.verify ?? [])
      assert.match(command, /'ghcr\.io\/acme\/\$\(id\)[@:]/, command);
  });

  it("give each version a folder of its own, also where texts differ in case alone", () => {
    const facts = pageFacts(
      { versions: 3 },
      { ...hostileTexts, version: (index) => ["v1", "V1", "../v1"][index] ?? "" },
    );
    const folders = jsonAt<ProjectPage>(rendered(facts), "page.json").versions.map(
      ({ folder = "" }) => folder,
    );
    assert.equal(new Set(folders.map((folder) => folder.toLowerCase())).size, 3);
    for (const folder of folders) assert.match(folder, /^versions\/[a-z0-9][a-z0-9._-]*$/);
  });

  it("are JSON of the published schema, whatever is in it", () => {
    const validate = new Ajv({ allErrors: true }).compile(schema);
    for (const facts of [pageFacts(), pageFacts({}, hostileTexts), { ...pageFacts(), contents: new Map() }]) {
      const files = rendered(facts);
      for (const [file, text] of files) {
        if (!file.endsWith(".json") || file === "page.schema.json") continue;
        assert.ok(validate(JSON.parse(text)), `${file}: ${JSON.stringify(validate.errors)}`);
      }
      assert.deepEqual(JSON.parse(files.get("page.schema.json") ?? ""), schema);
    }
    assert.ok(!validate({ schemaVersion: 1, kind: "project" }));
  });

  it("keep the first page under 100 kB, and a release of 100 images under 1 MB and 2 s", () => {
    const facts = pageFacts({ images: 100, versions: 2, packages: 300 });
    const begun = performance.now();
    const files = renderPage(facts);
    const took = performance.now() - begun;
    const bytesOf = (prefix: string) =>
      files
        .filter(({ path: file }) => file.startsWith(prefix))
        .reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(bytesOf("index.html") < 100_000, `${bytesOf("index.html")} bytes`);
    assert.ok(bytesOf("versions/v1.1.0/") < 1_000_000, `${bytesOf("versions/v1.1.0/")} bytes`);
    assert.ok(took < 2000, `${took} ms`);
  });

  describe("in a folder", () => {
    const directory = temporaryDirectory();

    it("are written where they differ alone, and leave what is there of other versions", async () => {
      const folder = path.join(directory(), "site");
      const first = renderPage(pageFacts({ versions: 2 }));
      assert.equal((await writePage(folder, first)).length, first.length);
      const before = await stat(path.join(folder, "index.html"));
      assert.deepEqual(await writePage(folder, first), []);
      assert.equal((await stat(path.join(folder, "index.html"))).mtimeMs, before.mtimeMs);
      const written = await writePage(folder, renderPage({ ...pageFacts({ versions: 3 }), told: 1 }));
      assert.ok(
        written.includes("versions/v1.2.0/index.html") && written.at(-1) === "feed.xml",
        written.join(),
      );
      assert.match(
        await readFile(path.join(folder, "versions/v1.0.0/index.html"), "utf8"),
        /Version v1\.0\.0/,
      );
      await refuseForeignFolder(folder);
    });

    it("are not written into a folder of somebody else", async () => {
      const folder = path.join(directory(), "other");
      await refuseForeignFolder(folder);
      await mkdir(folder);
      await refuseForeignFolder(folder);
      await writeFile(path.join(folder, "index.html"), "mine");
      await assert.rejects(refuseForeignFolder(folder), ForeignFolderError);
    });
  });
});
