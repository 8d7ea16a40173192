import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ListedVersion } from "../../../lib/release/release-list";
import { listedStatus } from "../../../lib/served/listed-status";

const sha256 = "a".repeat(64);

describe("what a list of releases says, asked for where it is served", () => {
  let server: Server;
  let origin: string;
  /** Requests by path, and how many were under way at once. */
  let asked: string[];
  let most: number;
  let answer: (path: string, response: ServerResponse) => void;
  /** How late each answer is, in milliseconds. */
  let lateMs: number;

  before(async () => {
    let underWay = 0;
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      most = Math.max(most, (underWay += 1));
      void sleep(lateMs).then(() => {
        underWay -= 1;
        answer(request.url ?? "", response);
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  beforeEach(() => {
    asked = [];
    most = 0;
    lateMs = 0;
    answer = (_path, response) => response.writeHead(200, { "content-length": "5" }).end();
  });

  after(() => new Promise((done) => server.close(done)));

  const versionWith = (
    names: readonly string[],
    more: Partial<ListedVersion["releases"][number]>,
  ): ListedVersion => ({
    version: "v1.0.0",
    published: "2026-11-01T00:00:00Z",
    images: [],
    releases: [{ tag: "v1.0.0", assets: names.map((name) => ({ name, sha256, size: 5 })), ...more }],
  });

  const asRows = async (version: ListedVersion, base = `${origin}/downloads/`) =>
    (await listedStatus([version], { base, github: origin })).rows.map(
      ({ place, name, state, reason }) => `${place}/${name}: ${state}${reason === "" ? "" : ` (${reason})`}`,
    );

  const cases: [title: string, answer: (response: ServerResponse) => void, expected: RegExp][] = [
    ["the same size", (response) => response.writeHead(200, { "content-length": "5" }).end(), /^a: served$/],
    ["no size", (response) => response.writeHead(200).end(), /^a: served$/],
    [
      "another size",
      (response) => response.writeHead(200, { "content-length": "7" }).end(),
      /^a: drifted \(http:\S+\/a has 7 bytes, and 5 were published\)$/,
    ],
    ["404", (response) => response.writeHead(404).end(), /^a: missing/],
    ["410", (response) => response.writeHead(410).end(), /^a: missing/],
    [
      "403",
      (response) => response.writeHead(403).end(),
      /^a: unknown \(http:\S+\/a answers with HTTP 403\)$/,
    ],
    [
      "503",
      (response) => response.writeHead(503).end(),
      /^a: unknown \(http:\S+\/a answers with HTTP 503\)$/,
    ],
    ["a connection that breaks", (response) => response.destroy(), /^a: unknown \(http:\S+\/a: /],
    [
      "redirects without end",
      (response) => response.writeHead(302, { location: "/again" }).end(),
      /^a: unknown \(http:\S+\/a: more than \d+ redirects\)$/,
    ],
  ];
  for (const [title, how, expected] of cases) {
    it(`is told by what the host answers: ${title}`, async () => {
      answer = (_path, response) => how(response);
      const [row = ""] = await asRows(versionWith(["a"], { folder: "releases/download/v1.0.0" }));
      assert.match(row.replace("releases/download/v1.0.0/", ""), expected);
    });
  }

  it("is asked of GitHub for its releases, and below the list for others, never of another host", async () => {
    await asRows(versionWith(["a b"], { github: "acme/app" }));
    await asRows(versionWith(["a b"], { folder: "releases/download/v1.0.0" }));
    await asRows(versionWith(["a"], { folder: "//elsewhere.example" }));
    assert.deepEqual(asked, [
      "HEAD /acme/app/releases/download/v1.0.0/a%20b",
      "HEAD /downloads/releases/download/v1.0.0/a%20b",
      "HEAD /downloads///elsewhere.example/a",
    ]);
  });

  it("MESH-30: catalogs that others fill are asked for the highest stable version, whoever reads the list", async () => {
    answer = (where, response) =>
      where === "/nixpkgs" ? response.end(`${"a".repeat(40)}!`) : response.end('{"version":"1.1.0-2"}');
    const catalog = (name: string, more: object) => ({ name, probe: { url: `${origin}/${name}`, ...more } });
    const spelled = { version: "/version", spelled: "debian" } as const;
    const catalogs = [
      { ...catalog("debian", spelled), grace: "1d" },
      // A stranger's pattern that would take years.
      catalog("nixpkgs", { pattern: "(a+)+$" }),
    ];
    const versions = ["v1.2.0-rc.1", "v1.1.0", "v1.0.0"].map((version) => ({
      ...versionWith([], {}),
      ...{ version, catalogs },
    }));
    const begun = performance.now();
    const { rows } = await listedStatus(versions, { base: `${origin}/`, github: origin });
    assert.ok(performance.now() - begun < 5_000);
    assert.deepEqual(
      rows.map(({ kind, name, version, served, state }) => [kind, name, version, served, state]),
      [
        ["catalog", "debian", "v1.1.0", "1.1.0", "served"],
        ["catalog", "nixpkgs", "v1.1.0", "", "unknown"],
      ],
    );
    assert.match(rows[1]?.reason ?? "", /takes too long/);
  });

  it("waits as long as a host asks, and tries again", async () => {
    let tries = 0;
    answer = (_path, response) =>
      (tries += 1) === 1
        ? response.writeHead(429, { "retry-after": "1" }).end()
        : response.writeHead(200, { "content-length": "5" }).end();
    const begun = performance.now();
    assert.deepEqual(await asRows(versionWith(["a"], { github: "acme/app" })), ["acme/app v1.0.0/a: served"]);
    assert.ok(performance.now() - begun >= 990, String(performance.now() - begun));
  });

  it("takes less than 5 s for 100 files of a host that takes 50 ms for each, 8 at once", async () => {
    lateMs = 50;
    const names = Array.from({ length: 100 }, (_, index) => `file-${index}`);
    const begun = performance.now();
    const rows = await asRows(versionWith(names, { github: "acme/app" }));
    assert.ok(performance.now() - begun < 5_000, String(performance.now() - begun));
    assert.equal(rows.filter((row) => row.endsWith(": served")).length, 100);
    assert.ok(most <= 8, String(most));
  });

  it("is unknown where nothing listens", async () => {
    const version = versionWith(["a"], { folder: "files" });
    const [row = ""] = await asRows(version, "http://127.0.0.1:1/");
    assert.match(row, /^files\/a: unknown \(http:\/\/127\.0\.0\.1:1\/files\/a: /);
  });
});
