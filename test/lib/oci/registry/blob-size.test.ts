import assert from "node:assert/strict";
import { compareTarget } from "../../../../lib/oci/mirror/compare";
import { anonymousPullCheck } from "../../../../lib/checks/pull-check";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Repository } from "../../../../lib/oci/repository";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { startProxy, type Fault, type FaultProxy } from "../../../support/proxy";
import { requireTools } from "../../../support/tools";
import { artifact, blobOf, drain, randomBlob, TestClients } from "./fixtures";

describe("the size of a blob that a registry has by name", function () {
  this.timeout(30_000);
  const size = 10_000;
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let repository: Repository;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(() => {
    clients = new TestClients();
    repository = clients.open().repository({ registry: proxy.host, path: "acme/app" });
  });
  afterEach(async () => {
    proxy.reset();
    await clients.close();
  });

  const answer = (method: string, digest: string, fault: Fault) =>
    proxy.inject({ method, path: new RegExp(`/blobs/${digest}$`), fault });
  /** What Distribution answers of a blob whose file was cut off. */
  const cutOff = (digest: string, bytes: Buffer) => {
    const fault: Fault = { kind: "respond", status: 200, headers: { "content-length": bytes.length } };
    answer("HEAD", digest, fault);
    answer("GET", digest, { ...fault, body: bytes });
  };

  for (const [what, change] of [
    ["no length", { "content-length": undefined }],
    ["a length of 0", { "content-length": "0" }],
    ["another length, as of compressed content", { "content-length": "77" }],
  ] as const) {
    it(`is right where a proxy gives ${what} for one that is whole, which is not sent again`, async () => {
      const blob = randomBlob(size);
      await repository.putBlob(blob, blob.source);
      answer("HEAD", blob.digest, { kind: "headers", response: change });
      assert.equal(await repository.blobSize(blob.digest, size), size);
      assert.equal(await repository.putBlob(blob, blob.source), "present");
    });
  }

  it("costs one request where the registry gives it", async () => {
    const blob = randomBlob(size);
    await repository.putBlob(blob, blob.source);
    proxy.requests.length = 0;
    assert.equal(await repository.blobSize(blob.digest, size), size);
    assert.deepEqual(
      proxy.requests.map(({ method }) => method),
      ["HEAD"],
    );
  });

  for (const [what, length] of [
    ["empty", 0],
    ["cut off", 4_000],
  ] as const) {
    it(`is that of the file where it is ${what}, which is repaired where the registry takes it`, async () => {
      const blob = randomBlob(size);
      cutOff(blob.digest, blob.bytes.subarray(0, length));
      assert.equal(await repository.blobSize(blob.digest, size), length);
      let sent = false;
      const source = async (offset: number) => {
        sent = true;
        proxy.reset();
        return blob.source(offset);
      };
      assert.equal(await repository.putBlob(blob, source), "uploaded");
      assert.ok(sent);
      assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size });
    });

    it(`is told where it is ${what} and the registry keeps it so, although it takes what is sent`, async () => {
      const blob = randomBlob(size);
      cutOff(blob.digest, blob.bytes.subarray(0, length));
      await assert.rejects(repository.putBlob(blob, blob.source), (error: Error) => {
        assert.match(
          error.message,
          new RegExp(`repairing blob ${blob.digest} of 127\\.0\\.0\\.1:\\d+/acme/app`),
        );
        assert.match(
          error.message,
          new RegExp(`has ${length} of its ${size} bytes, took all of them again, and kept`),
        );
        assert.match(error.message, /Remove the blob from the registry's storage/);
        return true;
      });
    });

    it(`is drift of a mirror, and fails the check of a pull, where it is ${what}`, async () => {
      const layer = blobOf(Buffer.alloc(size, what));
      await repository.putBlob(layer, layer.source);
      const { bytes, digest } = await artifact(repository, {
        layers: [{ mediaType: "application/octet-stream", digest: layer.digest, size }],
      });
      await repository.putManifest(bytes, MediaType.ociManifest);
      cutOff(layer.digest, layer.bytes.subarray(0, length));
      const findings = await compareTarget({
        target: repository,
        summary: {
          version: 1,
          rootDigest: digest,
          sourceDigest: digest,
          manifests: [{ digest, mediaType: MediaType.ociManifest, size: bytes.length }],
          blobs: { [layer.digest]: size },
          legacyTags: [],
          dangling: [],
        },
        verify: "blobs",
        referrers: "none",
      });
      assert.deepEqual(findings, [{ kind: "blob-missing", digest: layer.digest, size, found: length }]);
      const check = await anonymousPullCheck(`${proxy.host}/acme/app@${digest}`, []);
      assert.equal(check.passed, false);
      assert.match(
        check.detail,
        new RegExp(`${layer.digest} \\(of which ${length} of ${size} bytes are there\\)`),
      );
    });
  }
});
