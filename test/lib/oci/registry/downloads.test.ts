import assert from "node:assert/strict";
import { once } from "node:events";
import { DigestMismatchError, RegistryError } from "../../../../lib/oci/errors";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Repository } from "../../../../lib/oci/repository";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startCraneRegistry, startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, drain, randomBlob, TestClients, type TestBlob } from "./fixtures";

const blobs = /\/blobs\/sha256:/;
const registries = {
  "CNCF Distribution": { tool: "registry", start: () => startDistribution() },
  "go-containerregistry": { tool: "crane", start: startCraneRegistry },
};

for (const [name, { tool, start }] of Object.entries(registries)) {
  describe(`downloads from ${name} over a bad line`, function () {
    this.timeout(60_000);
    let registry: TestRegistry;
    let proxy: FaultProxy;
    let clients: TestClients;
    let repository: Repository;
    let blob: TestBlob;

    before(async function () {
      requireTools(this, tool);
      registry = await start();
      proxy = await startProxy(registry.port);
    });
    after(async () => {
      await proxy?.stop();
      await registry?.stop();
    });
    beforeEach(async () => {
      clients = new TestClients();
      repository = clients.open().repository({ registry: proxy.host, path: "acme/app" });
      blob = randomBlob(3_000_000);
      await repository.putBlob(blob, blob.source);
      proxy.reset();
    });
    afterEach(() => clients.close());

    const ranges = () =>
      proxy.requests.filter(({ method }) => method === "GET").map(({ headers }) => headers.range);
    const cutTwice = () => {
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 1,
        fault: { kind: "cut-response", afterBytes: 1_000_000 },
      });
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 2,
        fault: { kind: "cut-response", afterBytes: 500_000 },
      });
    };

    it("go on from the byte where they broke", async () => {
      cutTwice();
      assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size: blob.size });
      assert.deepEqual(ranges(), [undefined, "bytes=1000000-2999999", "bytes=1500000-2999999"]);
    });

    it("skip what they have where the registry does not know ranges", async () => {
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 1,
        fault: { kind: "cut-response", afterBytes: 1_000_000 },
      });
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 2,
        fault: { kind: "headers", request: { range: undefined } },
      });
      assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size: blob.size });
      assert.equal(proxy.requests[1]?.status, 200);
    });

    it("go on from an offset", async () => {
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 1,
        fault: { kind: "cut-response", afterBytes: 1_000_000 },
      });
      const { size } = await drain(await repository.getBlob(blob, { offset: 500_000 }));
      assert.equal(size, 2_500_000);
      assert.deepEqual(ranges(), ["bytes=500000-2999999", "bytes=1500000-2999999"]);
    });

    it("fail where the content is not what its digest says", async () => {
      proxy.inject({ method: "GET", path: blobs, fault: { kind: "corrupt-response" } });
      const stream = await repository.getBlob(blob);
      await assert.rejects(drain(stream), (error: unknown) => {
        assert.ok(error instanceof DigestMismatchError && error.expected === blob.digest);
        return error.message.includes(repository.name);
      });
      assert.equal(proxy.count("GET"), 1, "wrong content is not asked for again");
    });

    it("fail where the answer starts elsewhere", async () => {
      proxy.inject({
        method: "GET",
        path: blobs,
        fault: { kind: "headers", response: { "content-range": "bytes 7-9/10" } },
      });
      await assert.rejects(repository.getBlob(blob, { offset: 10 }), /does not start at byte 10/);
    });

    it("give up after the tries of the policy without progress", async () => {
      proxy.inject({
        method: "GET",
        path: blobs,
        nth: 1,
        fault: { kind: "cut-response", afterBytes: 1_000_000 },
      });
      proxy.inject({ method: "GET", path: blobs, fault: { kind: "respond", status: 503, body: "busy" } });
      await assert.rejects(drain(await repository.getBlob(blob)), (error: unknown) => {
        assert.ok(error instanceof RegistryError && error.status === 503);
        return /downloading blob sha256:.* from 127.*busy/.test(error.message);
      });
    });

    it("free their connection when they are not read to the end, or not at all", async () => {
      repository = clients.open({ concurrency: 1 }).repository({ registry: proxy.host, path: "acme/app" });
      const unread = await repository.getBlob(blob);
      unread.destroy();
      await once(unread, "close");
      for await (const chunk of await repository.getBlob(blob)) {
        assert.ok(chunk);
        break;
      }
      assert.equal((await drain(await repository.getBlob(blob))).digest, blob.digest);
    });

    it("end when told to", async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const stream = await repository.getBlob(blob, { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(drain(stream));
      await assert.rejects(repository.getBlob(blob, { signal: controller.signal }), reason);
    });

    it("read a manifest again whose answer broke off", async () => {
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest);
      proxy.inject({
        method: "GET",
        path: /manifests/,
        nth: [1, 2],
        fault: { kind: "cut-response", afterBytes: 20 },
      });
      assert.ok((await repository.getManifest(manifest.digest)).bytes.equals(manifest.bytes));
    });

    it("refuse a manifest that is not what its digest says, by tag too", async () => {
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      proxy.inject({ method: "GET", path: /manifests/, fault: { kind: "corrupt-response" } });
      for (const reference of [manifest.digest, "v1"]) {
        await assert.rejects(repository.getManifest(reference), DigestMismatchError, reference);
      }
    });

    it("refuse a manifest that is too large", async () => {
      proxy.inject({
        method: "GET",
        path: /manifests/,
        fault: { kind: "respond", status: 200, body: "x".repeat(4 * 1024 * 1024 + 1) },
      });
      await assert.rejects(repository.getManifest("v1"), /larger than 4194304 bytes/);
    });

    it("refuse what is not a manifest", async () => {
      proxy.inject({
        method: "GET",
        path: /manifests/,
        fault: { kind: "respond", status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
      });
      await assert.rejects(repository.getManifest("v1"), /neither a manifest nor an index/);
    });

    it("ask the manifest itself where a HEAD tells too little", async () => {
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      proxy.inject({
        method: "HEAD",
        fault: { kind: "headers", response: { "docker-content-digest": undefined } },
      });
      assert.deepEqual(await repository.headManifest("v1"), manifest.descriptor);
    });

    it("send all four manifest types as accepted", async () => {
      await repository.headManifest("none");
      const accept = proxy.requests.at(-1)?.headers.accept ?? "";
      const types = [
        MediaType.ociManifest,
        MediaType.ociIndex,
        MediaType.dockerManifest,
        MediaType.dockerManifestList,
      ];
      for (const type of types) assert.ok(accept.includes(type), type);
    });

    it("refuse a registry that computed another digest for a manifest", async () => {
      const manifest = await artifact(repository);
      proxy.inject({
        method: "PUT",
        path: /manifests/,
        fault: { kind: "headers", response: { "docker-content-digest": `sha256:${"0".repeat(64)}` } },
      });
      await assert.rejects(
        repository.putManifest(manifest.bytes, MediaType.ociManifest),
        DigestMismatchError,
      );
    });
  });
}
