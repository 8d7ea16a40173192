import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Catalogs } from "../../../../lib/channels/observed/ask";
import type { Answer } from "../../../../lib/channels/observed/probe";

describe("asking catalogs", () => {
  let server: Server;
  let origin: string;
  let catalogs: Catalogs;
  let asked: IncomingMessage[];
  let most: number;
  let lateMs: number;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    let underWay = 0;
    server = createServer((request, response) => {
      asked.push(request);
      most = Math.max(most, (underWay += 1));
      void sleep(lateMs).then(() => {
        underWay -= 1;
        answer(request, response);
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    catalogs = new Catalogs({
      attempts: 2,
      baseDelayMs: 20,
      maxDelayMs: 20,
      maxRetryAfterMs: 1_500,
      maxTotalWaitMs: 1_500,
      maxArrivalMs: 0,
    });
    asked = [];
    most = 0;
    lateMs = 0;
    answer = (_request, response) => response.end('{"version":"1.4.0"}');
  });
  afterEach(() => catalogs.close());
  after(() => new Promise((done) => server.close(done)));

  const ask = (more: object = {}) => catalogs.ask({ url: `${origin}/a.json`, version: "/version", ...more });
  const reasonOf = (found: Answer) => (found.kind === "unknown" ? found.reason : JSON.stringify(found));

  it("says who asks, and sends no account", async () => {
    assert.deepEqual(await ask(), { kind: "versions", versions: ["1.4.0"] });
    const [{ method, headers }] = asked as [IncomingMessage];
    assert.equal(method, "GET");
    assert.match(headers["user-agent"] ?? "", /^slipway\/\d/);
    assert.deepEqual([headers.authorization, headers.cookie], [undefined, undefined]);
  });

  it("waits as long as a catalog asks, and not for one that asks for an hour", async () => {
    answer = (_request, response) =>
      asked.length === 1
        ? response.writeHead(429, { "retry-after": "1" }).end()
        : response.end('{"version":"1.4.0"}');
    const begun = performance.now();
    assert.equal((await ask()).kind, "versions");
    assert.ok(performance.now() - begun >= 990);
    asked = [];
    answer = (_request, response) => response.writeHead(429, { "retry-after": "3600" }).end();
    const again = performance.now();
    assert.match(reasonOf(await ask()), /answers with HTTP 429/);
    assert.ok(performance.now() - again < 5_000);
  });

  const failures: [title: string, how: (response: ServerResponse) => void, expected: RegExp][] = [
    ["404", (response) => response.writeHead(404).end(), /^\{"kind":"absent"\}$/],
    ["410", (response) => response.writeHead(410).end(), /^\{"kind":"absent"\}$/],
    ["403", (response) => response.writeHead(403).end("no"), /answers with HTTP 403/],
    ["500", (response) => response.writeHead(500).end(), /answers with HTTP 500/],
    ["a broken connection", (response) => response.destroy(), /^127\.0\.0\.1:\d+: /],
    ["an answer without end", (response) => endless(response), /larger than \d+ bytes/],
    [
      "redirects without end",
      (response) => response.writeHead(302, { location: "/again" }).end(),
      /redirects/,
    ],
  ];
  for (const [title, how, expected] of failures) {
    it(`has an answer for ${title}`, async () => {
      answer = (_request, response) => how(response);
      assert.match(reasonOf(await ask()), expected);
    }).timeout(20_000);
  }

  it("is unknown where nothing listens, at once", async () => {
    const begun = performance.now();
    const found = await catalogs.ask({ url: "http://127.0.0.1:1/a.json", version: "/version" });
    assert.equal(found.kind, "unknown");
    assert.ok(performance.now() - begun < 2_000);
  });

  it("asks 100 of a host that takes 50 ms for each in less than 5 s, 8 at once", async () => {
    lateMs = 50;
    const begun = performance.now();
    const found = await Promise.all(Array.from({ length: 100 }, () => ask()));
    assert.ok(performance.now() - begun < 5_000);
    assert.ok(found.every(({ kind }) => kind === "versions"));
    assert.ok(most <= 8, String(most));
  });
});

/** Sends until nobody reads any more. */
function endless(response: ServerResponse): void {
  const part = Buffer.alloc(1024 * 1024, " ");
  const more = () => {
    while (!response.destroyed && response.write(part));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}
