import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mirror, MirrorRun, TransferLimiter } from "../../../../lib/oci/mirror";
import type { RegistryClient } from "../../../../lib/oci/registry/client";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startDebianRegistry, startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { TestClients } from "../registry/fixtures";
import { absences, publishImage, quickPatience, randomLayer, type PublishedImage } from "./fixtures";

const uploads = /\/blobs\/uploads\//;

describe("mirrors at the same time", function () {
  this.timeout(180_000);
  let source: TestRegistry;
  let target: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let client: RegistryClient;
  let images: PublishedImage[];
  let sharedDigests: Set<string>;

  before(async function () {
    requireTools(this, "registry");
    source = await startDistribution();
    target = await startDistribution();
    proxy = await startProxy(target.port);
    clients = new TestClients();
    client = clients.open();
    const layers = await Promise.all([200_000, 3_000_000].map(randomLayer));
    sharedDigests = new Set(layers.map(({ digest }) => digest));
    images = [];
    for (const name of ["one", "two", "three"]) {
      const repository = client.repository({ registry: source.host, path: `acme/${name}` });
      images.push(await publishImage(repository, { layers, referrers: false }));
    }
  });
  after(async () => {
    await clients?.close();
    await proxy?.stop();
    await target?.stop();
    await source?.stop();
  });
  beforeEach(() => proxy.reset());

  const start = (at: number, path: string, run: MirrorRun) =>
    mirror({
      run,
      sources: [
        client.repository({ registry: source.host, path: `acme/${["one", "two", "three"][at] ?? ""}` }),
      ],
      target: client.repository({ registry: proxy.host, path }),
      digest: images[at]?.digest ?? "",
      tags: [`v${at}`],
      patience: quickPatience,
    });
  const bytesSent = () =>
    proxy.requests
      .filter(({ method, path }) => (method === "PUT" || method === "PATCH") && uploads.test(path))
      .reduce((sum, { requestBytes }) => sum + requestBytes, 0);
  const distinctBytes = () => {
    const blobs = new Map(images.flatMap((image) => [...image.blobs]));
    return [...blobs.values()].reduce((sum, size) => sum + size, 0);
  };

  it("send a shared blob once to one repository", async () => {
    const path = `mirror/same-${randomBytes(4).toString("hex")}`;
    const run = new MirrorRun();
    const reports = await Promise.all([0, 1, 2].map((at) => start(at, path, run)));
    assert.equal(bytesSent(), distinctBytes());
    const sent = reports
      .flatMap(({ blobs }) => blobs)
      .filter(({ digest, transfer }) => sharedDigests.has(digest) && transfer === "uploaded");
    assert.equal(sent.length, sharedDigests.size);
    for (const image of images)
      assert.deepEqual(await absences(client.repository({ registry: target.host, path }), image), []);
  });

  it("send a shared blob once to one registry, and mount it into the other repositories", async () => {
    const path = `mirror/other-${randomBytes(4).toString("hex")}`;
    const run = new MirrorRun();
    const reports = await Promise.all([0, 1, 2].map((at) => start(at, `${path}-${at}`, run)));
    assert.equal(bytesSent(), distinctBytes());
    assert.equal(
      reports.reduce((sum, { mounted }) => sum + mounted.count, 0),
      2 * sharedDigests.size,
    );
    for (const [at, image] of images.entries()) {
      assert.deepEqual(
        await absences(client.repository({ registry: target.host, path: `${path}-${at}` }), image),
        [],
      );
    }
  });

  it("send it to each repository where the registry does not mount", async () => {
    const path = `mirror/none-${randomBytes(4).toString("hex")}`;
    proxy.inject({ method: "POST", path: /mount=/, fault: { kind: "respond", status: 405 } });
    await Promise.all([0, 1, 2].map((at) => start(at, `${path}-${at}`, new MirrorRun())));
    for (const [at, image] of images.entries()) {
      assert.deepEqual(
        await absences(client.repository({ registry: target.host, path: `${path}-${at}` }), image),
        [],
      );
    }
  });

  it("do not wait for one that failed", async () => {
    const path = `mirror/failed-${randomBytes(4).toString("hex")}`;
    const run = new MirrorRun();
    proxy.inject({
      method: "POST",
      path: new RegExp(`${path}-0/blobs`),
      fault: { kind: "respond", status: 507 },
    });
    const [first, second] = await Promise.allSettled([
      start(0, `${path}-0`, run),
      start(1, `${path}-1`, run),
    ]);
    assert.equal(first?.status, "rejected");
    assert.equal(second?.status, "fulfilled");
    const [, image] = images;
    assert.ok(image);
    assert.deepEqual(
      await absences(client.repository({ registry: target.host, path: `${path}-1` }), image),
      [],
    );
  });

  it("do not ask for what this run has put already", async () => {
    const path = `mirror/known-${randomBytes(4).toString("hex")}`;
    const run = new MirrorRun();
    await start(0, path, run);
    proxy.reset();
    const report = await start(0, path, run);
    assert.equal(report.present.count, images[0]?.blobs.size);
    assert.deepEqual(
      proxy.requests.map(({ method, path: url }) => `${method} ${url.split("/").pop() ?? ""}`),
      ["HEAD v0"],
    );
  });

  it("keep to the bound of blobs in flight", async () => {
    const path = `mirror/bound-${randomBytes(4).toString("hex")}`;
    const limiter = new TransferLimiter({ perRegistry: 2 });
    let running = 0;
    let most = 0;
    const run = new MirrorRun(limiter);
    const counting = client.repository({ registry: proxy.host, path });
    const target = Object.create(counting) as typeof counting;
    target.putBlob = async (...args) => {
      most = Math.max(most, ++running);
      return counting.putBlob(...args).finally(() => (running -= 1));
    };
    const sources = [client.repository({ registry: source.host, path: "acme/one" })];
    await mirror({ run, sources, target, digest: images[0]?.digest ?? "" });
    assert.equal(most, 2);
  });
});

describe("many tags at once to Distribution 2.8", function () {
  this.timeout(600_000);
  const versions = 10;
  const tagsOf = (version: number) => [`v1.${version}.0`, `v1.${version}`, `edge-${version}`];

  it("come out whole in every run", async function () {
    requireTools(this, "registry", "docker-registry");
    const source = await startDistribution();
    const target = await startDebianRegistry();
    const clients = new TestClients();
    try {
      const client = clients.open();
      const layers = await Promise.all([800_000, 200_000].map(randomLayer));
      const from = client.repository({ registry: source.host, path: "acme/app" });
      const images: PublishedImage[] = [];
      for (let version = 0; version < versions; version++) {
        images.push(await publishImage(from, { layers, ownLayerBytes: [50_000] }));
      }
      for (let round = 0; round < 3; round++) {
        const to = client.repository({ registry: target.host, path: `mirror/round-${round}` });
        const run = new MirrorRun();
        // One mirror for each of the 30 tags, as a program that knows nothing of the others would
        // start them.
        await Promise.all(
          images.flatMap((image, version) =>
            tagsOf(version).map((tag) =>
              mirror({ run, sources: [from], target: to, digest: image.digest, tags: [tag] }),
            ),
          ),
        );
        for (const [version, image] of images.entries()) {
          for (const tag of tagsOf(version))
            assert.equal((await to.headManifest(tag))?.digest, image.digest, `${round} ${tag}`);
        }
        const [image] = images;
        assert.ok(image);
        assert.deepEqual(await absences(to, image), [], `round ${round}`);
      }
    } finally {
      await clients.close();
      await target.stop();
      await source.stop();
    }
  });
});
