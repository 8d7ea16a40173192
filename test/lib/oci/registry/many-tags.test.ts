import assert from "node:assert/strict";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Repository } from "../../../../lib/oci/repository";
import { refusal, type Behavior } from "../../../support/odd-registries/exchange";
import { startFront, type Front } from "../../../support/odd-registries/front";
import { manyTags } from "../../../support/odd-registries/many-tags";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, TestClients, type TestManifest } from "./fixtures";

const aliases = ["v1.2.3", "v1.2", "v1", "latest"];

describe("tags of one digest", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let clients: TestClients;
  let front: Front | undefined;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution();
  });
  after(() => registry?.stop());
  beforeEach(() => {
    clients = new TestClients();
  });
  afterEach(async () => {
    await clients.close();
    await front?.stop();
    front = undefined;
  });

  let serial = 0;
  const pushed = async (
    behavior: Behavior,
  ): Promise<{ front: Front; repository: Repository; image: TestManifest }> => {
    front = await startFront(registry.port, behavior);
    const path = `acme/app-${(serial += 1)}`;
    const repository = clients.open().repository({ registry: front.host, path });
    const image = await artifact(repository);
    await repository.putManifest(image.bytes, MediaType.ociManifest);
    front.reset();
    return { front, repository, image };
  };
  const put = ({ requests }: Front) =>
    requests
      .filter(({ method }) => method === "PUT")
      .map(({ path }) => path.replace(/^.*\/manifests\//, "").replace(/^sha256:[0-9a-f]+/, "DIGEST"));
  const assertSet = async (repository: Repository, image: TestManifest, tags: readonly string[]) => {
    for (const tag of tags) assert.equal((await repository.headManifest(tag))?.digest, image.digest, tag);
  };

  it("are set by one request where the registry can", async () => {
    const { front, repository, image } = await pushed(manyTags());
    await repository.putTags?.(image.bytes, MediaType.ociManifest, aliases);
    assert.deepEqual(put(front), ["DIGEST?tag=v1.2.3&tag=v1.2&tag=v1&tag=latest"]);
    await assertSet(repository, image, aliases);
  });

  it("are set ten at a time, and one that is left by itself", async () => {
    const { front, repository, image } = await pushed(manyTags());
    const tags = Array.from({ length: 21 }, (_, index) => `v1.${index}`);
    await repository.putTags?.(image.bytes, MediaType.ociManifest, tags);
    assert.equal(put(front).length, 3);
    assert.equal(put(front).at(-1), "v1.20");
    await assertSet(repository, image, tags);
  });

  it("are set one by one where the registry does not heed them, which is found out once", async () => {
    const { front, repository, image } = await pushed(({ pass }) => pass());
    await repository.putTags?.(image.bytes, MediaType.ociManifest, aliases);
    await repository.putTags?.(image.bytes, MediaType.ociManifest, ["a", "b"]);
    assert.deepEqual(put(front), ["DIGEST?tag=v1.2.3&tag=v1.2&tag=v1&tag=latest", ...aliases, "a", "b"]);
    await assertSet(repository, image, [...aliases, "a", "b"]);
  });

  for (const status of [400, 403, 404, 405, 414, 431]) {
    it(`are set one by one where the registry answers ${status}`, async () => {
      const { front, repository, image } = await pushed(({ query, pass }) =>
        query.has("tag") ? refusal(status, "UNSUPPORTED", "no") : pass(),
      );
      await repository.putTags?.(image.bytes, MediaType.ociManifest, aliases);
      assert.deepEqual(put(front).slice(1), aliases);
      await assertSet(repository, image, aliases);
    });
  }

  it("that are not accepted are set by themselves, with the registry's reason", async () => {
    const behavior = manyTags((tag) => tag !== "v1");
    const { front, repository, image } = await pushed((exchange) =>
      exchange.method === "PUT" && exchange.reference === "v1"
        ? refusal(400, "TAG_INVALID", "v1 is kept")
        : behavior(exchange),
    );
    await assert.rejects(
      repository.putTags?.(image.bytes, MediaType.ociManifest, aliases) ?? Promise.resolve(),
      /v1 is kept/,
    );
    assert.equal(put(front).length, 2);
    await assertSet(repository, image, ["v1.2.3", "v1.2", "latest"]);
  });

  it("are one request without a question where there is one", async () => {
    const { front, repository, image } = await pushed(manyTags());
    await repository.putTags?.(image.bytes, MediaType.ociManifest, ["latest"]);
    assert.deepEqual(put(front), ["latest"]);
  });
});
