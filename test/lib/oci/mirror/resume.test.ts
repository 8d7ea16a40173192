import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mirror, MirrorError } from "../../../../lib/oci/mirror";
import { RegistryClient } from "../../../../lib/oci/registry/client";
import type { Repository } from "../../../../lib/oci/repository";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { quickRetry, TestClients } from "../registry/fixtures";
import { absences, publishImage, quickPatience, type PublishedImage } from "./fixtures";
import { startGate, type Gate } from "./gate";

const uploads = /\/blobs\/uploads\//;

/** More requests than any run makes. */
const everyLater = 400;

/**
 * Of so many requests those at which a run is stopped: each of the last, where tags become visible,
 * and every seventh before. A blob takes four requests, so that each kind of request comes in turn.
 */
function moments(requests: number): number[] {
  return Array.from({ length: requests }, (_, at) => at + 1).filter((k) => k % 7 === 1 || k > requests - 8);
}

describe("a mirror that is killed", function () {
  this.timeout(300_000);
  let source: TestRegistry;
  let target: TestRegistry;
  let gate: Gate;
  let proxy: FaultProxy;
  let clients: TestClients;
  let direct: RegistryClient;
  let from: Repository;
  let image: PublishedImage;
  /** Looked at after each request to the target. */
  let watched: Repository;
  /** Moments at which a tag was visible and what it points to was not whole. */
  let exposed: string[];
  let looks: number;
  let path: string;

  before(async function () {
    requireTools(this, "registry");
    source = await startDistribution();
    target = await startDistribution();
    clients = new TestClients();
    direct = clients.open();
    gate = await startGate(target.port, look);
    proxy = await startProxy(gate.port);
    from = direct.repository({ registry: source.host, path: "acme/app" });
    image = await publishImage(from, { ownLayerBytes: [30_000, 90_000] });
  });
  after(async () => {
    await clients?.close();
    await proxy?.stop();
    await gate?.stop();
    await target?.stop();
    await source?.stop();
  });
  beforeEach(() => fresh());

  const fresh = () => {
    proxy.reset();
    path = `mirror/app-${randomBytes(4).toString("hex")}`;
    watched = direct.repository({ registry: target.host, path });
    exposed = [];
    looks = 0;
  };

  /** Looks for the tag, and where there is one, for everything that it should stand for. */
  const look = async () => {
    looks += 1;
    const tagged = (await watched.headManifest("v1")) !== undefined;
    if (tagged) exposed.push(...(await absences(watched, image)));
    for (const [tag, digest] of image.legacyTags) {
      const legacy = await watched.headManifest(tag);
      if (legacy && !(await watched.headManifest(image.digest)))
        exposed.push(`${tag} (${digest}) before its subject`);
    }
  };

  const run = async (retry = quickRetry) => {
    // A run of its own each time, as after a crash: nothing is remembered.
    const client = clients.open({ retry });
    try {
      return await mirror({
        sources: [from],
        target: client.repository({ registry: proxy.host, path }),
        digest: image.digest,
        tags: ["v1"],
        patience: quickPatience,
      });
    } finally {
      await client.close();
    }
  };

  /** Digests of the blobs that the target has. */
  const blobsInTarget = async () => {
    const found = new Set<string>();
    for (const digest of image.blobs.keys()) {
      if ((await watched.blobSize(digest)) !== undefined) found.add(digest);
    }
    return found;
  };

  /** Digests of the blobs that uploads were completed for. */
  const completed = () =>
    proxy.requests
      .filter(({ method, path: url }) => method === "PUT" && uploads.test(url))
      .map(({ path: url }) => new URL(url, "http://localhost").searchParams.get("digest") ?? "");

  it("does not send again what arrived, shows nothing unfinished, and ends well the second time, whenever it is", async () => {
    await run();
    const requests = proxy.requests.length;
    assert.ok(requests > 40 && requests < everyLater, `${requests} requests`);
    assert.ok(looks >= requests);
    assert.deepEqual(exposed, []);
    let interrupted = 0;
    const stops = moments(requests);
    for (const k of stops) {
      fresh();
      const later = Array.from({ length: everyLater }, (_, at) => k + at);
      proxy.inject({ nth: later, fault: { kind: "swallow-request", afterBytes: 1 } });
      const failure = await run({ ...quickRetry, attempts: 1 }).then(
        () => undefined,
        (error: unknown) => error,
      );
      // The number of requests differs a little from run to run: what goes on at once can need one
      // more or less.
      if (failure === undefined && proxy.requests.length < k) break;
      assert.ok(failure instanceof MirrorError, `k=${k}: ${String(failure)}`);
      const { missing, report: done } = failure;
      assert.ok(missing.length > 0);
      assert.ok(
        [...missing, ...(done?.tags ?? [])].some(({ tag }) => tag === "v1"),
        `k=${k}`,
      );
      interrupted += 1;
      const before = await blobsInTarget();
      proxy.reset();
      const report = await run();
      const again = completed().filter((digest) => before.has(digest));
      assert.deepEqual(again, [], `k=${k}: sent again`);
      assert.equal(report.present.count, before.size, `k=${k}`);
      assert.deepEqual(await absences(watched, image), [], `k=${k}`);
      assert.equal((await watched.headManifest("v1"))?.digest, image.digest);
      assert.deepEqual(exposed, [], `k=${k}: visible before it was whole`);
    }
    assert.ok(interrupted >= stops.length - 5, `${interrupted} of ${stops.length}`);
  });

  it("survives a connection that breaks once, wherever that is", async () => {
    await run();
    const requests = proxy.requests.length;
    for (let k = 1; k <= requests; k += 9) {
      fresh();
      proxy.inject({ nth: k, fault: { kind: "lose-response" } });
      await run();
      assert.deepEqual(await absences(watched, image), [], `k=${k}`);
      assert.deepEqual(exposed, [], `k=${k}`);
    }
  });

  it("leaves nothing running when it is called off, and goes on later", async () => {
    const abort = new AbortController();
    const client = clients.open();
    proxy.inject({ method: "PUT", path: uploads, nth: 1, fault: { kind: "delay", milliseconds: 3000 } });
    const options = {
      sources: [from],
      target: client.repository({ registry: proxy.host, path }),
      digest: image.digest,
      tags: ["v1"],
      signal: abort.signal,
    };
    const running = assert.rejects(mirror(options), /enough/);
    const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    // Called off in the middle of an upload, however fast the machine is.
    while (!proxy.requests.some(({ method }) => method === "PUT" || method === "PATCH")) await pause(5);
    abort.abort(new Error("enough"));
    await running;
    // Uploads that were under way may still be given up.
    await pause(1000);
    const seen = proxy.requests.length;
    await pause(1000);
    assert.equal(proxy.requests.length, seen, "something goes on in the background");
    assert.equal(await watched.headManifest("v1"), undefined);
    await run();
    assert.deepEqual(await absences(watched, image), []);
  });
});
