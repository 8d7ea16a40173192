import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DigestMismatchError, isNotFound, RegistryError } from "../../../../lib/oci/errors";
import { digestOf } from "../../../../lib/oci/digest";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Repository } from "../../../../lib/oci/repository";
import {
  startCraneRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, blobOf, drain, randomBlob, TestClients } from "./fixtures";

const MiB = 1024 * 1024;
const registries = {
  "CNCF Distribution": { tool: "registry", start: () => startDistribution() },
  "go-containerregistry": { tool: "crane", start: startCraneRegistry },
  "go-containerregistry with referrers": { tool: "referrers-registry", start: startReferrersRegistry },
};

for (const [name, { tool, start }] of Object.entries(registries)) {
  describe(`content in ${name}`, function () {
    this.timeout(60_000);
    let registry: TestRegistry;
    let clients: TestClients;
    let repository: Repository;
    const open = (path: string, options = {}) =>
      clients.open(options).repository({ registry: registry.host, path });

    before(async function () {
      requireTools(this, tool);
      registry = await start();
    });
    after(() => registry?.stop());
    beforeEach(() => {
      clients = new TestClients();
      repository = open(`acme/app-${randomBytes(4).toString("hex")}`);
    });
    afterEach(() => clients.close());

    const sizes: [name: string, size: number][] = [
      ["an empty blob", 0],
      ["one byte", 1],
      ["a small blob", 100_000],
      ["a blob at the limit of one request", 16 * MiB],
      ["a blob that is streamed", 20 * MiB + 13],
    ];
    for (const [blobName, size] of sizes) {
      it(`stores and returns ${blobName}`, async () => {
        const blob = randomBlob(size);
        assert.equal(await repository.blobSize(blob.digest), undefined);
        const progress: number[] = [];
        const onProgress = (sent: number) => progress.push(sent);
        assert.equal(await repository.putBlob(blob, blob.source, { onProgress }), "uploaded");
        assert.equal(await repository.blobSize(blob.digest), size);
        assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size });
        // What declines a blob by one POST is sent the first small one again.
        assert.deepEqual(blob.opened, size === 1 && name === "CNCF Distribution" ? [0, 0] : [0]);
        assert.equal(progress.at(-1), size === 0 ? undefined : size);
        const { length } = blob.opened;
        assert.equal(await repository.putBlob(blob, blob.source), "present");
        assert.equal(blob.opened.length, length, "a blob that is there is not read again");
      });
    }

    it("uploads in pieces where it is told to", async () => {
      const pieces = open("acme/pieces", { upload: { monolithicBytes: 0, chunkBytes: 3 * MiB } });
      const blob = randomBlob(7 * MiB);
      assert.equal(await pieces.putBlob(blob, blob.source), "uploaded");
      assert.deepEqual(await drain(await pieces.getBlob(blob)), { digest: blob.digest, size: blob.size });
    });

    it("reads a blob from an offset", async () => {
      const blob = randomBlob(300_000);
      await repository.putBlob(blob, blob.source);
      for (const offset of [1, 299_999, 300_000]) {
        const rest = await drain(await repository.getBlob(blob, { offset }));
        assert.equal(rest.digest, digestOf(blob.bytes.subarray(offset)), `from ${offset}`);
      }
      await assert.rejects(repository.getBlob(blob, { offset: 300_001 }), RangeError);
    });

    it("says that a blob is not there", async () => {
      await assert.rejects(repository.getBlob({ digest: digestOf("nothing"), size: 7 }), (error: unknown) => {
        assert.ok(isNotFound(error) && error instanceof RegistryError);
        assert.ok(error.message.includes(repository.name), error.message);
        return true;
      });
    });

    it("refuses a blob of another size than said", async () => {
      const blob = randomBlob(1000);
      await repository.putBlob(blob, blob.source);
      await assert.rejects(repository.getBlob({ digest: blob.digest, size: 999 }), DigestMismatchError);
    });

    const wrongSources: [name: string, size: number, change: (bytes: Buffer) => Buffer][] = [
      ["too short", 100_000, (bytes) => bytes.subarray(0, -1)],
      ["too long", 100_000, (bytes) => Buffer.concat([bytes, Buffer.from("x")])],
      ["other bytes", 100_000, (bytes) => Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)])],
      ["too short for a stream", 17 * MiB, (bytes) => bytes.subarray(0, -1)],
      ["too long for a stream", 17 * MiB, (bytes) => Buffer.concat([bytes, Buffer.from("x")])],
      [
        "other bytes in a stream",
        17 * MiB,
        (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]),
      ],
    ];
    for (const [sourceName, size, change] of wrongSources) {
      it(`stores nothing of a source that is ${sourceName}`, async () => {
        const blob = randomBlob(size);
        const wrong = blobOf(change(blob.bytes));
        await assert.rejects(repository.putBlob(blob, wrong.source), (error: unknown) => {
          assert.ok(error instanceof DigestMismatchError, String(error));
          assert.ok(error.message.includes(blob.digest) && error.message.includes(repository.name));
          return true;
        });
        assert.equal(await repository.blobSize(blob.digest), undefined);
        assert.equal(await repository.blobSize(wrong.digest), undefined);
        assert.deepEqual(wrong.opened, [0], "a wrong source is not tried again");
      });
    }

    it("passes on what the source throws", async () => {
      const blob = randomBlob(1000);
      const reason = new Error("the disk is on fire");
      await assert.rejects(
        repository.putBlob(blob, () => Promise.reject(reason)),
        reason,
      );
      assert.equal(await repository.blobSize(blob.digest), undefined);
    });

    it("copies more blobs at a time than there are connections", async () => {
      const target = open("acme/copy", { concurrency: 2 });
      const blobs = Array.from({ length: 8 }, () => randomBlob(2 * MiB));
      for (const blob of blobs) await repository.putBlob(blob, blob.source);
      await Promise.all(
        blobs.map((blob) => target.putBlob(blob, (offset) => repository.getBlob(blob, { offset }))),
      );
      for (const blob of blobs) assert.equal(await target.blobSize(blob.digest), blob.size);
    });

    it("ends an upload when told to", async () => {
      const blob = randomBlob(17 * MiB);
      const controller = new AbortController();
      const reason = new Error("stop");
      const onProgress = () => controller.abort(reason);
      await assert.rejects(
        repository.putBlob(blob, blob.source, { signal: controller.signal, onProgress }),
        reason,
      );
      assert.equal(await repository.blobSize(blob.digest), undefined);
    });

    it("keeps the bytes of a manifest, by digest and by tag", async () => {
      const manifest = await artifact(repository);
      assert.equal(await repository.headManifest("v1"), undefined);
      await assert.rejects(repository.getManifest("v1"), isNotFound);
      assert.deepEqual(
        await repository.putManifest(manifest.bytes, MediaType.ociManifest),
        manifest.descriptor,
      );
      assert.deepEqual(await repository.listTags(), []);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      for (const reference of ["v1", manifest.digest]) {
        assert.deepEqual(await repository.headManifest(reference), manifest.descriptor);
        const { bytes, descriptor } = await repository.getManifest(reference);
        assert.ok(bytes.equals(manifest.bytes));
        assert.deepEqual(descriptor, manifest.descriptor);
      }
    });

    it("deletes a tag and leaves the manifest", async () => {
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v2" });
      await repository.deleteTag("v1");
      assert.deepEqual(await repository.listTags(), ["v2"]);
      assert.deepEqual(await repository.headManifest(manifest.digest), manifest.descriptor);
      await repository.deleteTag("v1");
    });

    it("deletes a manifest, twice without an error", async () => {
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest);
      await repository.deleteManifest(manifest.digest);
      assert.equal(await repository.headManifest(manifest.digest), undefined);
      await repository.deleteManifest(manifest.digest);
    });

    it("refuses references that are none before anything is sent", async () => {
      for (const reference of ["a b", "../x", "sha256:12", "-x"]) {
        await assert.rejects(repository.getManifest(reference), { name: "ReferenceError" }, reference);
      }
    });

    it("has no tags in a repository that does not exist", async () => {
      assert.deepEqual(await repository.listTags(), []);
    });

    it("lists all tags whatever the page size", async () => {
      const manifest = await artifact(repository);
      const tags = ["a", "b", "c", "d", "e"];
      for (const tag of tags) await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag });
      for (const pageSize of [undefined, 1, 2, 5, 100]) {
        const paged = open(repository.name.slice(registry.host.length + 1), { pageSize });
        assert.deepEqual((await paged.listTags()).sort(), tags, `pages of ${pageSize}`);
      }
    });

    it("answers a ping and lists its repositories", async () => {
      const client = clients.open();
      await client.ping(registry.host);
      const manifest = await artifact(repository);
      await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      const paths = await client.listRepositories(registry.host);
      assert.ok(paths.includes(repository.name.slice(registry.host.length + 1)), paths.join());
    });

    it("lists referrers, with their types, filtered and after deletion", async () => {
      const image = await artifact(repository);
      await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      assert.deepEqual(await repository.listReferrers(image.digest), []);
      const types = ["application/vnd.example.sbom", "application/vnd.example.signature"];
      const [sbom, signature] = await Promise.all(
        types.map(async (artifactType) => {
          const referrer = await artifact(repository, { subject: image.descriptor, artifactType });
          await repository.putManifest(referrer.bytes, MediaType.ociManifest);
          return referrer;
        }),
      );
      assert.ok(sbom && signature);
      const listed = await repository.listReferrers(image.digest);
      assert.deepEqual(listed.map(({ digest, artifactType }) => `${artifactType} ${digest}`).sort(), [
        `${types[0]} ${sbom.digest}`,
        `${types[1]} ${signature.digest}`,
      ]);
      assert.deepEqual(
        (await repository.listReferrers(image.digest, types[1])).map(({ digest }) => digest),
        [signature.digest],
      );
      await repository.putManifest(sbom.bytes, MediaType.ociManifest);
      assert.equal((await repository.listReferrers(image.digest)).length, 2, "no duplicates");
      await repository.deleteManifest(sbom.digest);
      assert.deepEqual(
        (await repository.listReferrers(image.digest)).map(({ digest }) => digest),
        [signature.digest],
      );
    });
  });
}
