import assert from "node:assert/strict";
import { digestOf } from "../../../../lib/oci/digest";
import { ReferrersRefusedError } from "../../../../lib/oci/errors";
import { mirror } from "../../../../lib/oci/mirror";
import { MediaType } from "../../../../lib/oci/media-types";
import { referrersTag } from "../../../../lib/oci/registry/referrers-list";
import { defaultRetryPolicy } from "../../../../lib/oci/transport/retry-policy";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor } from "../../../../lib/oci/types";
import { crane, runClient } from "../../../support/clients";
import { startVendor, vendors, type OddRegistry } from "../../../support/odd-registries";
import { refusal, type Behavior } from "../../../support/odd-registries/exchange";
import { startFront, type Front } from "../../../support/odd-registries/front";
import { startDistribution, startReferrersRegistry, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, TestClients } from "./fixtures";

describe("referrers in registries that differ from the specification", function () {
  this.timeout(60_000);
  let clients: TestClients;

  before(function () {
    requireTools(this, "registry", "docker-registry", "referrers-registry", "crane", "oras");
  });
  beforeEach(() => {
    clients = new TestClients();
  });
  afterEach(() => clients.close());

  /** A repository as a new run sees it, with the waits of users. */
  const open = (
    { host, credentials }: Pick<OddRegistry, "host" | "credentials">,
    path = "acme/app",
  ): Repository =>
    clients
      .open({ credentials: credentials ? [{ host, ...credentials }] : [], retry: defaultRetryPolicy })
      .repository({ registry: host, path });

  for (const vendor of vendors) {
    describe(`${vendor.name}, which ${vendor.behavior}`, () => {
      let registry: OddRegistry;

      before(async () => {
        registry = await startVendor(vendor);
      });
      after(() => registry?.stop());

      const listed = async (digest: string, repository = open(registry)) => {
        const found = await repository.listReferrers(digest);
        return found.map((referrer) => referrer.digest).filter((one) => !/:0{64}$/.test(one));
      };
      const tagsBehind = async () =>
        (await crane(["ls", `${registry.registry.host}/acme/app`], behind())).split("\n");
      const behind = () => (registry.credentials ? { DOCKER_CONFIG: clients.folder } : {});

      if (vendor.holdsReferrers === false) {
        it("are refused by name, and the image is left as it is", async () => {
          const repository = open(registry);
          const image = await pushIndex(repository);
          const referrer = await artifact(repository, { subject: image });
          for (const through of [repository, repository, open(registry)]) {
            await assert.rejects(through.putManifest(referrer.bytes, MediaType.ociManifest), (error) => {
              assert.ok(error instanceof ReferrersRefusedError, String(error));
              assert.match(error.message, /cannot hold what refers to an image.*(GitLab|ECR)/);
              return true;
            });
          }
          assert.deepEqual(await listed(image.digest), []);
          assert.equal((await open(registry).headManifest("v1"))?.digest, image.digest);
          assert.deepEqual(await tagsBehind(), ["v1"]);
        });

        it("are named as what a mirror lacks there, which is whole without them", async () => {
          const source = open({ host: registry.registry.host }, "acme/source");
          const target = open(registry, "acme/mirrored");
          const image = await pushIndex(source);
          const referrer = await artifact(source, { subject: image });
          await source.putManifest(referrer.bytes, MediaType.ociManifest);
          const options = { sources: [source], target, digest: image.digest, tags: ["v1"] };
          await assert.rejects(mirror(options), /cannot hold what refers to an image.*(GitLab|ECR)/s);
          assert.equal(await target.headManifest("v1"), undefined);
          await mirror({ ...options, referrers: "none" });
          assert.equal((await target.headManifest("v1"))?.digest, image.digest);
        });
        return;
      }

      it("are listed when they were pushed, and not when they were deleted", async () => {
        const repository = open(registry);
        const image = await pushIndex(repository);
        const pushed: string[] = [];
        for (let i = 0; i < 2; i++) {
          const referrer = await artifact(repository, { subject: image });
          await repository.putManifest(referrer.bytes, MediaType.ociManifest);
          pushed.push(referrer.digest);
        }
        assert.deepEqual((await listed(image.digest, repository)).sort(), pushed.toSorted());
        assert.deepEqual((await listed(image.digest)).sort(), pushed.toSorted());
        // What is behind the front shows them to a client that is not ours.
        if (!registry.credentials) {
          const subject = `${registry.registry.host}/acme/app@${image.digest}`;
          const seen = await runClient("oras", ["discover", "--plain-http", "--format", "json", subject]);
          for (const digest of pushed) assert.ok(seen.includes(digest), seen);
        }
        for (const digest of pushed) await repository.deleteManifest(digest);
        assert.deepEqual(await listed(image.digest), []);
        assert.equal((await repository.headManifest("v1"))?.digest, image.digest);
      });
    });
  }

  describe("through a front", () => {
    let registry: TestRegistry;
    let front: Front;
    const start = async (starts: () => Promise<TestRegistry>, behavior: Behavior) => {
      registry = await starts();
      front = await startFront(registry.port, behavior);
    };
    afterEach(async () => {
      await front?.stop();
      await registry?.stop();
    });

    it("are not taken for none where the account may not read", async () => {
      let isOpen = true;
      await start(startDistribution, ({ kind, reads, pass }) =>
        !isOpen && reads && kind !== "blobs" ? refusal(403, "DENIED", "no") : pass(),
      );
      const image = await pushIndex(open(front));
      isOpen = false;
      await assert.rejects(open(front).listReferrers(image.digest), { status: 403 });
    });

    it("are listed again where a copying tool has put the image in the place of the list", async () => {
      await start(startDistribution, ({ pass }) => pass());
      const repository = open(front);
      const image = await pushIndex(repository);
      const referrer = await artifact(repository, { subject: image });
      await repository.putManifest(referrer.bytes, MediaType.ociManifest);
      await crane(["tag", `${registry.host}/acme/app@${image.digest}`, referrersTag(image.digest)]);
      assert.deepEqual(await repository.listReferrers(image.digest), []);
      await repository.putManifest(referrer.bytes, MediaType.ociManifest);
      const found = await repository.listReferrers(image.digest);
      assert.deepEqual(
        found.map(({ digest }) => digest),
        [referrer.digest],
      );
    });

    it("are none where the tag is that of another image", async () => {
      await start(startDistribution, ({ pass }) => pass());
      const repository = open(front);
      const [image, other] = [await pushIndex(repository), await pushIndex(repository)];
      await crane(["tag", `${registry.host}/acme/app@${other.digest}`, referrersTag(image.digest)]);
      assert.deepEqual(await repository.listReferrers(image.digest), []);
    });

    it("cost one request to push and one to look where the API is as it should be", async function () {
      requireTools(this, "referrers-registry");
      await start(startReferrersRegistry, ({ pass }) => pass());
      const repository = open(front);
      const image = await pushIndex(repository);
      for (let i = 0; i < 3; i++) {
        const referrer = await artifact(repository, { subject: image });
        await repository.putManifest(referrer.bytes, MediaType.ociManifest);
      }
      assert.equal(front.count("GET"), 1, "one look in all");
      front.reset();
      assert.equal((await open(front).listReferrers(image.digest)).length, 3);
      assert.equal(front.count("GET", /referrers/), 1);
      assert.equal(front.count("GET", /sha256-/), 0);
    });
  });
});

/** An index with an image for a platform, under the tag v1. */
async function pushIndex(repository: Repository): Promise<Descriptor> {
  const image = await artifact(repository);
  await repository.putManifest(image.bytes, MediaType.ociManifest);
  const platform = { os: "linux", architecture: "amd64" };
  const index = {
    schemaVersion: 2,
    mediaType: MediaType.ociIndex,
    manifests: [{ ...image.descriptor, platform }],
  };
  const bytes = Buffer.from(JSON.stringify(index));
  await repository.putManifest(bytes, MediaType.ociIndex, { tag: "v1" });
  return { mediaType: MediaType.ociIndex, digest: digestOf(bytes), size: bytes.length };
}
