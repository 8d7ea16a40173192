import assert from "node:assert/strict";
import { MediaType } from "../../lib/oci/media-types";
import type { RegistryClient } from "../../lib/oci/registry/client";
import type { Repository } from "../../lib/oci/repository";
import { LostBlobs } from "../../provider/run/lost-blobs";
import { SilentRegistries } from "../../provider/run/silent-registries";
import { artifact, drain, randomBlob, TestClients, type TestBlob } from "../lib/oci/registry/fixtures";
import { startProxy, type FaultProxy } from "../support/proxy";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { textLayer, uniqueText, Workbench } from "./workbench";

/** Deletes a blob from a repository of the CNCF registry; others of the registry keep it. */
async function lose(host: string, path: string, digest: unknown): Promise<void> {
  const { status } = await fetch(`http://${host}/v2/${path}/blobs/${String(digest)}`, { method: "DELETE" });
  assert.equal(status, 202);
}

describe("a blob that a registry has lost", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let client: RegistryClient;
  let lost: LostBlobs;
  let told: string[];
  let blob: TestBlob;
  let serial = 0;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(async () => {
    serial++;
    clients = new TestClients();
    told = [];
    client = clients.open({ onLost: (...args) => lost.open(...args) });
    lost = new LostBlobs({
      open: async (address) => repositoryOf(address.slice(address.indexOf("/") + 1)),
      silent: new SilentRegistries(),
      say: (severity, text) => told.push(`${severity}: ${text}`),
    });
    blob = randomBlob(5000);
    for (const one of [first(), mirror()]) await one.putBlob(blob, blob.source);
    await lose(registry.host, `first-${serial}`, blob.digest);
  });
  afterEach(async () => {
    proxy.reset();
    await clients.close();
  });

  const repositoryOf = (path: string): Repository => client.repository({ registry: proxy.host, path });
  const first = () => repositoryOf(`first-${serial}`);
  const mirror = () => repositoryOf(`mirror-${serial}`);
  const writes = () => proxy.requests.filter(({ method }) => method !== "GET" && method !== "HEAD").length;
  const whole = async () => assert.equal(await first().blobSize(blob.digest, blob.size), blob.size);
  const read = async () => {
    const content = { digest: blob.digest, size: blob.size };
    assert.deepEqual(await drain(await first().getBlob(blob)), content);
  };
  const what = () => `warning: blob ${blob.digest} (5000 bytes) of ${first().name} is lost there`;

  it("is put back from a mirror by a run that writes", async () => {
    lost.publishes(first().name);
    lost.isMirrored(first().name, mirror().name);
    await lost.whileWriting(read);
    assert.deepEqual(told, [`${what()}: it is put back from the mirror ${mirror().name}`]);
    await whole();
  });

  it("is put back from what this machine makes, and the mirror is not asked", async () => {
    lost.publishes(first().name, [{ descriptor: blob, source: blob.source }]);
    lost.isMirrored(first().name, mirror().name);
    proxy.requests.length = 0;
    await lost.whileWriting(read);
    assert.deepEqual(told, [`${what()}: it is put back from this machine`]);
    assert.equal(proxy.count("HEAD", new RegExp(`/v2/mirror-${serial}/`)), 0);
    await whole();
  });

  it("is put back before a manifest is tagged that the registry refuses without it", async () => {
    const layers = [{ mediaType: MediaType.ociLayerGzip, digest: blob.digest, size: blob.size }];
    lost.publishes(first().name, [{ descriptor: blob, source: blob.source }]);
    const image = await artifact(first(), { layers });
    const plain = clients.open().repository({ registry: proxy.host, path: `first-${serial}` });
    await assert.rejects(plain.putManifest(image.bytes, MediaType.ociManifest), /BLOB_UNKNOWN/);
    await lost.whileWriting(() => first().putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" }));
    await whole();
  });

  it("is read from elsewhere where nothing may be written: at preview, and in what others publish", async () => {
    lost.isMirrored(first().name, mirror().name);
    await lost.whileWriting(read);
    lost.publishes(first().name);
    proxy.requests.length = 0;
    await read();
    assert.deepEqual(told, Array(2).fill(`${what()}: it is read from the mirror ${mirror().name}`));
    assert.equal(writes(), 0);
  });

  it("is read from elsewhere where the registry keeps what it has, although it takes all of it", async () => {
    lost.publishes(first().name, [{ descriptor: blob, source: blob.source }]);
    const cut = { kind: "respond", status: 200, headers: { "content-length": 0 } } as const;
    for (const method of ["GET", "HEAD"]) {
      proxy.inject({ method, path: new RegExp(`/first-${serial}/blobs/${blob.digest}$`), fault: cut });
    }
    await lost.whileWriting(read);
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? "",
      /cannot be put back from this machine: repairing blob[^]*took all of them again, and kept/,
    );
  });

  it("is an error that says what to do where no place has it", async () => {
    const missing = { digest: `sha256:${"0".repeat(64)}`, size: 5 };
    const name = first().name;
    lost.publishes(name);
    const remedy = `Delete the manifests of the image from ${name}, and run up`;
    await assert.rejects(first().getBlob(missing), (error: Error) => {
      assert.match(error.message, /HTTP 404[^]*This machine does not have it, and no mirror is declared\./);
      return error.message.includes(remedy) && error.message.includes("0000");
    });
    lost.isMirrored(name, mirror().name);
    await assert.rejects(first().getBlob(missing), (error: Error) =>
      error.message.includes(`nor does ${mirror().name}. ${remedy}`),
    );
    // A source that reads from the same place is none.
    lost.publishes(name, [{ descriptor: missing, source: () => first().getBlob(missing) }]);
    await assert.rejects(first().getBlob(missing), /This machine does not have it/);
    // What is no business of this program is the registry's word.
    await assert.rejects(
      repositoryOf("other").getBlob(missing),
      (error: Error) => !/machine/.test(error.message),
    );
  });
});

describe("a layer that a registry has lost, by its provider", function () {
  this.timeout(60_000);
  let bench: Workbench;
  before(async function () {
    requireTools(this, "registry");
    bench = await Workbench.open(() => startDistribution());
  });
  after(() => bench?.close());

  it("is put back by the mirror that meets it, from the files or a mirror, and no other request is sent", async () => {
    const source = bench.repository("lost/app");
    const image = { repository: source, platform: "linux/amd64", layers: [textLayer(uniqueText())] };
    const provider = await bench.provider();
    const held = await provider.create("slipway:oci:Image", image);
    const layer = (held.inputs.assembly as { digest: string }[])[0]?.digest;
    const mirrored = (target: string) => ({
      source,
      target: bench.repository(target),
      digest: held.state.digest,
      tags: [{ tag: "v1", moves: "never" }],
    });
    await provider.create("slipway:oci:Mirror", mirrored("one"));

    await lose(bench.registry.host, "lost/app", layer);
    const again = await bench.provider();
    bench.forget();
    assert.deepEqual((await again.diff(held, image)).changes, []);
    assert.deepEqual(bench.proxy.requests, []);
    const { state } = await again.create("slipway:oci:Mirror", mirrored("two"));
    assert.deepEqual(state.missing, []);
    assert.ok(bench.writeLines().some((line) => line.startsWith("PUT /v2/lost/app/blobs/uploads/")));

    await lose(bench.registry.host, "lost/app", layer);
    const elsewhere = await bench.provider();
    await elsewhere.check("slipway:oci:Index", { repository: source, manifests: [held.state.descriptor] });
    await elsewhere.check("slipway:oci:Mirror", mirrored("one"));
    const third = await elsewhere.create("slipway:oci:Mirror", mirrored("three"));
    assert.deepEqual(third.state.missing, []);
    const url = `http://${bench.registry.host}/v2/lost/app/blobs/${layer}`;
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
  });
});
