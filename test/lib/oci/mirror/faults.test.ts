import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { RegistryError } from "../../../../lib/oci/errors";
import { mirror, MirrorError, type MirrorOptions, type MirrorProgress } from "../../../../lib/oci/mirror";
import type { RegistryClient } from "../../../../lib/oci/registry/client";
import type { Repository } from "../../../../lib/oci/repository";
import { freePort } from "../../../support/processes";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { TestClients } from "../registry/fixtures";
import { absences, publishImage, quickPatience, type PublishedImage } from "./fixtures";

const uploads = /\/blobs\/uploads\//;
const manifestPut = { method: "PUT", path: /\/manifests\// } as const;
const unknownBlob = (code: string) => ({
  kind: "respond" as const,
  status: code === "MANIFEST_BLOB_UNKNOWN" ? 400 : 404,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ errors: [{ code, message: "blob unknown to registry" }] }),
});

describe("a mirror to a registry in trouble", function () {
  this.timeout(60_000);
  let source: TestRegistry;
  let target: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let client: RegistryClient;
  let from: Repository;
  let to: Repository;
  let image: PublishedImage;
  let path: string;

  before(async function () {
    requireTools(this, "registry");
    source = await startDistribution();
    target = await startDistribution();
    proxy = await startProxy(target.port);
    const setUp = new TestClients();
    from = setUp.open().repository({ registry: source.host, path: "acme/app" });
    image = await publishImage(from);
    await setUp.close();
  });
  after(async () => {
    await proxy?.stop();
    await target?.stop();
    await source?.stop();
  });
  beforeEach(() => {
    proxy.reset();
    clients = new TestClients();
    client = clients.open();
    path = `mirror/app-${randomBytes(4).toString("hex")}`;
    from = client.repository({ registry: source.host, path: "acme/app" });
    to = client.repository({ registry: proxy.host, path });
  });
  afterEach(() => clients.close());

  const run = (change: Partial<MirrorOptions> = {}) =>
    mirror({
      sources: [from],
      target: to,
      digest: image.digest,
      tags: ["v1"],
      patience: quickPatience,
      ...change,
    });
  const failure = async (change: Partial<MirrorOptions> = {}): Promise<MirrorError> => {
    try {
      await run(change);
    } catch (error) {
      assert.ok(error instanceof MirrorError, String(error));
      return error;
    }
    throw new Error("the mirror did not fail");
  };
  const seen = () => client.repository({ registry: target.host, path });
  const content = [...["manifests", "blobs"]] as ("manifests" | "blobs")[];

  describe("that does not see what it was just sent", () => {
    for (const code of ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"]) {
      it(`puts a manifest again after ${code}, and sends no blob twice`, async () => {
        proxy.inject({ ...manifestPut, nth: [1, 2], fault: unknownBlob(code) });
        const report = await run();
        assert.deepEqual(await absences(seen(), image), []);
        assert.equal(report.sent.count, image.blobs.size);
        assert.equal(proxy.count("PUT", uploads), image.blobs.size);
      });
    }

    it("sends a blob again that really is gone", async () => {
      // What the registry is made to forget: it takes the upload, and has nothing.
      const [digest = ""] = [...image.blobs].find(([, size]) => size > 60_000) ?? [];
      let forgotten = 0;
      const forgetful = Object.create(to) as Repository;
      forgetful.putBlob = (descriptor, open, options) => {
        if (descriptor.digest === digest && forgotten++ === 0) return Promise.resolve("uploaded");
        return to.putBlob(descriptor, open, options);
      };
      await run({ target: forgetful });
      assert.equal(forgotten, 2);
      assert.deepEqual(await absences(seen(), image), []);
    });

    it("gives up within its patience, sets no tag and says which manifest", async () => {
      proxy.inject({ ...manifestPut, fault: unknownBlob("MANIFEST_BLOB_UNKNOWN") });
      const error = await failure();
      assert.equal(await seen().headManifest("v1"), undefined);
      assert.match(
        error.message,
        /pushing manifest sha256:.*MANIFEST_BLOB_UNKNOWN: blob unknown to registry/s,
      );
      assert.deepEqual(
        error.missing.filter(({ what }) => what === "tag").map(({ tag, reason }) => [tag, reason]),
        [...image.legacyTags.map(([tag]) => tag), "v1"].map((tag) => [
          tag,
          "not set, because the content is not complete",
        ]),
      );
      assert.equal(error.report?.sent.count, image.blobs.size, "blobs that went stay");
    });

    it("waits until a tag and the root can be read", async () => {
      const lag = { kind: "respond" as const, status: 404 };
      const head = (reference: string) => new RegExp(`/manifests/${reference}$`);
      // The first look finds nothing anyway; the next ones come after the PUT.
      proxy.inject({ method: "HEAD", path: head("v1"), nth: [2, 3], fault: lag });
      proxy.inject({ method: "HEAD", path: head(image.digest), nth: [2, 3, 4], fault: lag });
      await run();
      assert.equal(proxy.count("HEAD", head("v1")), 4);
      assert.equal(proxy.count("HEAD", head(image.digest)), 5);
      assert.equal(proxy.count("PUT", head("v1")), 1);
    });

    it("says so where it never can be read", async () => {
      proxy.inject({ method: "HEAD", path: /\/manifests\/v1$/, fault: { kind: "respond", status: 404 } });
      const error = await failure();
      assert.match(error.message, /accepted sha256:.* but 400 ms later v1 cannot be read there/);
    });
  });

  const refusals: [status: number, code: string, hint: RegExp, stopsAtOnce: boolean][] = [
    [405, "UNSUPPORTED", /read-only or a pull-through cache/, true],
    [507, "", /storage is full/, true],
    [403, "DENIED", /does not allow this without credentials/, true],
    [413, "", /limits the size of a request/, false],
    [500, "UNKNOWN", /HTTP 500/, false],
  ];
  for (const [status, code, hint, stopsAtOnce] of refusals) {
    it(`that answers uploads with ${status} gets none, and all that is missing is named`, async () => {
      const body = JSON.stringify({ errors: [{ code, message: "no" }] });
      proxy.inject({ method: "POST", path: uploads, fault: { kind: "respond", status, body } });
      const error = await failure();
      const missing = error.missing.filter(({ what }) => what === "blob").map(({ digest }) => digest);
      assert.deepEqual(missing.sort(), [...image.blobs.keys()].sort());
      assert.ok(error.missing.every(({ side }) => side === "target"));
      assert.match(error.message, hint);
      assert.ok(error.missing.some(({ tag }) => tag === "v1"));
      assert.ok(error.cause instanceof RegistryError && error.cause.status === status);
      assert.equal(proxy.count("PUT"), 0);
      const tried = proxy.count("POST", uploads);
      if (stopsAtOnce) assert.ok(tried <= 6, `${tried} uploads were tried`);
    });
  }

  it("that is a real read-only one ends with what it lacks", async () => {
    const readOnly = await startDistribution({ readOnly: true });
    try {
      const error = await failure({ target: client.repository({ registry: readOnly.host, path }) });
      assert.match(error.message, /HTTP 405/);
      assert.equal(error.missing.filter(({ what }) => what === "blob").length, image.blobs.size);
    } finally {
      await readOnly.stop();
    }
  });

  it("that is full for large blobs keeps the small ones, and the next run brings the rest", async () => {
    const large = [...image.blobs].filter(([, size]) => size > 10_000).map(([digest]) => digest);
    for (const digest of large) {
      proxy.inject({
        method: "PUT",
        path: new RegExp(encodeURIComponent(digest)),
        fault: { kind: "respond", status: 413 },
      });
    }
    const error = await failure();
    const missing = error.missing.filter(({ what }) => what === "blob").map(({ digest }) => digest);
    assert.deepEqual(missing.sort(), [...large].sort());
    assert.equal(error.report?.sent.count, image.blobs.size - large.length);
    proxy.reset();
    const report = await run();
    assert.equal(report.sent.count, large.length);
    assert.deepEqual(await absences(seen(), image), []);
  });

  it("that nobody answers at is named once, with everything that is not there", async () => {
    const port = await freePort();
    const nowhere = client.repository({ registry: `127.0.0.1:${port}`, path });
    const error = await failure({ target: nowhere });
    assert.match(error.message, /Nothing listens at 127\.0\.0\.1:\d+/);
    const named = new Set(error.missing.map(({ digest }) => digest));
    for (const digest of [...image.blobs.keys(), image.digest]) assert.ok(named.has(digest), digest);
  });

  it("that asks to wait is waited for", async () => {
    proxy.inject({
      method: "POST",
      nth: [1, 2, 3],
      fault: { kind: "respond", status: 429, headers: { "retry-after": "1" } },
    });
    const start = Date.now();
    await run();
    assert.ok(Date.now() - start >= 900);
    assert.deepEqual(await absences(seen(), image), []);
  });

  it("that always asks to wait is given up, with its words", async () => {
    proxy.inject({ fault: { kind: "respond", status: 429, headers: { "retry-after": "0" } } });
    assert.match((await failure()).message, /HTTP 429[^]*limits the rate of requests/);
  });

  it("that is slow is waited for", async () => {
    proxy.inject({ method: "PUT", fault: { kind: "delay", milliseconds: 150 } });
    await run();
    assert.deepEqual(await absences(seen(), image), []);
  });

  it("that garbles a connection now and then gets everything in the end", async () => {
    proxy.inject({
      method: "PUT",
      path: uploads,
      nth: [2, 5],
      fault: { kind: "cut-request", afterBytes: 1000 },
    });
    proxy.inject({ method: "PUT", path: /\/manifests\//, nth: [2, 4], fault: { kind: "lose-response" } });
    proxy.inject({ method: "HEAD", nth: [3, 9], fault: { kind: "respond", status: 503 } });
    await run();
    assert.deepEqual(await absences(seen(), image), []);
  });

  describe("when the trouble is at the source", () => {
    let sourceProxy: FaultProxy;
    before(async () => {
      sourceProxy = await startProxy(source.port);
    });
    after(() => sourceProxy?.stop());
    beforeEach(() => sourceProxy.reset());
    const through = () => client.repository({ registry: sourceProxy.host, path: "acme/app" });

    it("goes on with a download that breaks off", async () => {
      sourceProxy.inject({
        method: "GET",
        path: /\/blobs\//,
        nth: [1, 3],
        fault: { kind: "cut-response", afterBytes: 500 },
      });
      await run({ sources: [through()] });
      assert.deepEqual(await absences(seen(), image), []);
    });

    it("stores nothing of a blob that is not what its digest says", async () => {
      const [digest = ""] = [...image.blobs].find(([, size]) => size > 60_000) ?? [];
      sourceProxy.inject({
        method: "GET",
        path: new RegExp(`/blobs/${digest}`),
        fault: { kind: "corrupt-response" },
      });
      const error = await failure({ sources: [through()] });
      assert.deepEqual(
        error.missing
          .filter(({ what }) => what === "blob")
          .map(({ side, digest: missing }) => [side, missing]),
        [["source", digest]],
      );
      assert.match(error.message, /does not match its digest/);
      assert.equal(await seen().blobSize(digest), undefined);
    });

    it("takes a blob from the next source where the first fails", async () => {
      sourceProxy.inject({ method: "GET", path: /\/blobs\//, fault: { kind: "respond", status: 500 } });
      const report = await run({ sources: [through(), from] });
      assert.equal(report.sent.count, image.blobs.size);
    });

    it("says what no source has", async () => {
      const [digest = ""] = [...image.blobs.keys()];
      sourceProxy.inject({
        method: "GET",
        path: new RegExp(`/blobs/${digest}`),
        fault: { kind: "respond", status: 404 },
      });
      const error = await failure({ sources: [through()] });
      assert.match(error.message, new RegExp(`blob ${digest} is in none of the sources`));
    });

    it("does not read a manifest that lies about its digest", async () => {
      const [, child] = image.children;
      sourceProxy.inject({
        method: "GET",
        path: new RegExp(`/manifests/${child?.digest ?? ""}`),
        fault: { kind: "corrupt-response" },
      });
      const error = await failure({ sources: [through()] });
      assert.deepEqual(
        error.missing.map(({ what, side, digest }) => [what, side, digest]),
        [
          ["manifest", "source", child?.digest],
          ["tag", "target", image.digest],
        ],
      );
      assert.equal(proxy.requests.length, 0, "nothing was asked of the target");
    });
  });

  describe("that lost content", () => {
    for (const verify of content) {
      it(`gets ${verify} back with verify: ${verify}`, async () => {
        await run();
        const [child] = image.children;
        await seen().deleteManifest(child?.digest ?? "");
        const report = await run({ verify });
        assert.deepEqual(
          report.manifests.filter(({ transfer }) => transfer === "sent").map(({ digest }) => digest),
          [child?.digest],
        );
        assert.deepEqual(await absences(seen(), image), []);
      });
    }

    it("gets a blob back, unless its manifest is trusted", async () => {
      await run();
      const [digest = ""] = [...image.blobs].find(([, size]) => size > 60_000) ?? [];
      const response = await fetch(`http://${target.host}/v2/${path}/blobs/${digest}`, { method: "DELETE" });
      assert.equal(response.status, 202);
      const trusting = await run({ verify: "manifests" });
      assert.equal(trusting.sent.count, 0);
      assert.equal(await seen().blobSize(digest), undefined);
      const report = await run();
      assert.deepEqual(
        report.blobs.filter(({ transfer }) => transfer === "uploaded").map((blob) => blob.digest),
        [digest],
      );
      assert.deepEqual(await absences(seen(), image), []);
    });
  });

  it("is asked for little where there is nothing to do", async () => {
    await run();
    proxy.reset();
    await run({ verify: "manifests" });
    const counts = (method: string, part: RegExp) => proxy.count(method, part);
    assert.equal(counts("HEAD", /\/manifests\/sha256:/), image.manifests.length);
    assert.equal(counts("HEAD", /\/blobs\//), 0);
    assert.equal(counts("HEAD", /\/manifests\/(v1|sha256-)/), 1 + image.legacyTags.length);
    const written = proxy.requests.filter(({ method }) => method !== "HEAD" && method !== "GET");
    assert.deepEqual(written, []);
  });

  it("tells how far it is", async () => {
    const events: MirrorProgress[] = [];
    const report = await run({ onProgress: (progress) => events.push(progress) });
    const last = events.at(-1);
    assert.deepEqual(last, {
      target: to.name,
      sentBytes: report.sent.bytes,
      totalBytes: report.sent.bytes,
      blobsDone: image.blobs.size,
      blobsTotal: image.blobs.size,
    });
  });

  it("refuses what is not a digest or tag before anything is sent", async () => {
    await assert.rejects(run({ digest: "v1" }), { name: "ReferenceError" });
    await assert.rejects(run({ tags: ["a b"] }), { name: "ReferenceError" });
    assert.equal(proxy.requests.length, 0);
  });
});
