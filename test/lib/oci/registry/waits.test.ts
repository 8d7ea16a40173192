import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { digestOf } from "../../../../lib/oci/digest";
import { parseRepository } from "../../../../lib/oci/reference";
import { defaultRetryPolicy } from "../../../../lib/oci/transport/retry-policy";
import { WaitBudget } from "../../../../lib/oci/transport/wait-budget";
import { answer, first, json } from "../../../support/hostile/behaviors";
import { startHostileRegistry, type HostileRegistry } from "../../../support/hostile/registry";
import { TestClients } from "./fixtures";

describe("the waits of one operation", () => {
  const clients = new TestClients();
  let registry: HostileRegistry;
  beforeEach(async () => {
    registry = await startHostileRegistry();
  });
  afterEach(() => registry.stop());
  after(() => clients.close());

  const busy = answer(429, "", { "retry-after": "3600" });
  const retry = { attempts: 5, maxRetryAfterMs: 40, maxTotalWaitMs: 100 };
  const repository = () => clients.open({ retry }).repository(parseRepository(registry.repository));
  const asked = (path: string) => registry.requests.filter((request) => request.path.includes(path)).length;

  it("are bounded over all of its requests, those for tokens included", async () => {
    const challenge = `Bearer realm="${registry.url}/token",service="registry"`;
    registry.on("GET", /^\/token/, first(2, busy, json({ token: "t" })));
    registry.fail("manifest", first(1, answer(401, "", { "www-authenticate": challenge }), busy));
    await assert.rejects(repository().getManifest("1.0.0"), /HTTP 429/);
    assert.deepEqual([asked("/token"), asked("/manifests/")], [3, 2]);
  });

  it("are bounded over the pages of a list", async () => {
    let page = 0;
    const tags = first(
      3,
      (exchange) => {
        page++;
        return page === 2
          ? busy(exchange)
          : json(
              { tags: [`v${page}`] },
              { link: `</v2/acme/app/tags/list?page=${page}>; rel="next"` },
            )(exchange);
      },
      busy,
    );
    registry.fail("tags", tags);
    await assert.rejects(repository().listTags(), /HTTP 429/);
    assert.equal(registry.requests.length, 5);
  });

  it("are bounded over an upload", async () => {
    registry.fail("upload", first(1, busy, answer(202, "", { location: "/v2/acme/app/blobs/uploads/1" })));
    registry.fail("commit", busy);
    registry.fail("layer", answer(404));
    const bytes = Buffer.from("content");
    const blob = { digest: digestOf(bytes), size: bytes.length };
    await assert.rejects(
      repository().putBlob(blob, (offset) => Readable.from([bytes.subarray(offset)])),
      /HTTP 429/,
    );
    assert.equal(registry.requests.filter(({ method }) => method === "PUT").length, 2);
  });

  it("are told from some seconds on, with who is waited for and why", () => {
    const told: string[] = [];
    const waits = new WaitBudget(defaultRetryPolicy, (...wait) => told.push(wait.join(" ")));
    const host = "registry.example.com";
    waits.take({ host, failures: 1, status: 503, askedMs: 4_999 });
    waits.take({ host, failures: 1 });
    waits.take({ host, failures: 1, status: 429, askedMs: 3_600_000 });
    waits.take({ host, failures: 9, status: 503 });
    assert.equal(told.length, 2);
    assert.equal(told[0], `${host} 60000 answered HTTP 429 and asks for 60 min`);
    assert.match(told[1] ?? "", /^registry\.example\.com \d+ answered HTTP 503$/);
  });

  it("come to five minutes and no more", () => {
    const waits = new WaitBudget(defaultRetryPolicy);
    const wait = { host: "registry.example.com", failures: 1, status: 429, askedMs: 3_600_000 };
    const waited = Array.from({ length: 20 }, () => waits.take(wait) ?? 0);
    assert.equal(
      waited.reduce((sum, one) => sum + one, 0),
      5 * 60_000,
    );
  });
});
