import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { digestOf } from "../../../../lib/oci/digest";
import { RegistryError } from "../../../../lib/oci/errors";
import {
  compareTarget,
  legacyReferrerTags,
  mirror,
  type MirrorFinding,
  type MirrorSummary,
} from "../../../../lib/oci/mirror";
import { referrersTag } from "../../../../lib/oci/registry/referrers-list";
import type { RegistryClient } from "../../../../lib/oci/registry/client";
import type { Repository } from "../../../../lib/oci/repository";
import type { Index } from "../../../../lib/oci/types";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, TestClients } from "../registry/fixtures";
import { publishImage, type PublishedImage } from "./fixtures";

describe("a comparison of a target", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let client: RegistryClient;
  let from: Repository;
  let to: Repository;
  let image: PublishedImage;
  let summary: MirrorSummary;

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
    proxy.reset();
    clients = new TestClients();
    client = clients.open();
    const name = randomBytes(4).toString("hex");
    from = client.repository({ registry: registry.host, path: `acme/app-${name}` });
    to = client.repository({ registry: proxy.host, path: `mirror/app-${name}` });
    image = await publishImage(from, { ownLayerBytes: [5000] });
    const report = await mirror({
      sources: [from],
      target: to,
      digest: image.digest,
      tags: ["v1", "latest"],
    });
    // As it comes back from where it was recorded.
    summary = JSON.parse(JSON.stringify(report.summary)) as MirrorSummary;
    proxy.reset();
  });
  afterEach(() => clients.close());

  const compare = (change: Partial<Parameters<typeof compareTarget>[0]> = {}) =>
    compareTarget({ target: to, summary, tags: ["v1", "latest"], ...change });

  it("finds nothing where all is there, with one request for each thing", async () => {
    assert.deepEqual(await compare(), []);
    const subjects = new Set(image.referrers.map(([subject]) => subject));
    assert.equal(proxy.count("HEAD", /\/manifests\/sha256:/), image.manifests.length);
    assert.equal(proxy.count("HEAD", /\/manifests\/(v1|latest|sha256-)/), 2 + image.legacyTags.length);
    assert.equal(proxy.count("HEAD", /\/blobs\//), image.blobs.size);
    assert.equal(proxy.count("GET"), subjects.size);
    assert.equal(
      new Set(proxy.requests.map(({ method, path }) => `${method} ${path}`)).size,
      proxy.requests.length,
    );
  });

  const cases: [name: string, harm: () => Promise<void>, expected: () => MirrorFinding[]][] = [
    [
      "a moved tag",
      async () =>
        void (await publishImage(to, { referrers: false, tags: ["v1"], annotations: { moved: "yes" } })),
      () => [],
    ],
    [
      "a missing tag",
      () => to.deleteTag("latest"),
      () => [{ kind: "tag-missing", tag: "latest", digest: image.digest }],
    ],
    [
      "a missing image",
      () => to.deleteManifest(image.children[0]?.digest ?? ""),
      () => [{ kind: "manifest-missing", digest: image.children[0]?.digest ?? "" }],
    ],
    [
      "a missing legacy tag",
      () => to.deleteTag(image.legacyTags[0]?.[0] ?? ""),
      () => [
        { kind: "tag-missing", tag: image.legacyTags[0]?.[0] ?? "", digest: image.legacyTags[0]?.[1] ?? "" },
      ],
    ],
    [
      "a missing referrer",
      () => to.deleteManifest(image.referrers[2]?.[1] ?? ""),
      () => [referrerMissing(2, "absent")],
    ],
    [
      "a referrer that is not listed",
      async () => {
        const tag = referrersTag(image.digest);
        const { bytes, descriptor } = await to.getManifest(tag);
        const index = JSON.parse(bytes.toString("utf8")) as Index;
        const manifests = index.manifests.filter(({ digest }) => digest !== image.referrers[2]?.[1]);
        await to.putManifest(Buffer.from(JSON.stringify({ ...index, manifests })), descriptor.mediaType, {
          tag,
        });
      },
      () => [referrerMissing(2, "unlisted")],
    ],
    [
      "a missing blob",
      async () => {
        const [digest = ""] = largest();
        const path = to.name.slice(proxy.host.length + 1);
        await fetch(`http://${registry.host}/v2/${path}/blobs/${digest}`, { method: "DELETE" });
      },
      () => {
        const [digest = "", size = 0] = largest();
        return [{ kind: "blob-missing", digest, size }];
      },
    ],
  ];
  const largest = () => [...image.blobs].sort(([, one], [, other]) => other - one)[0] ?? [];
  const referrerMissing = (at: number, cause: "absent" | "unlisted"): MirrorFinding => {
    const [subject = "", digest = ""] = image.referrers[at] ?? [];
    return { kind: "referrer-missing", digest, subject, cause };
  };

  for (const [name, harm, expected] of cases) {
    it(`finds ${name}, which the next mirror puts right`, async () => {
      await harm();
      const found = await compare();
      if (name === "a moved tag") {
        const moved = (await to.headManifest("v1"))?.digest ?? "";
        assert.notEqual(moved, image.digest);
        assert.deepEqual(found, [{ kind: "tag-moved", tag: "v1", from: image.digest, to: moved }]);
      } else {
        assert.deepEqual(found, expected());
      }
      await mirror({ sources: [from], target: to, digest: image.digest, tags: ["v1", "latest"] });
      assert.deepEqual(await compare(), []);
    });
  }

  it("leaves out blobs where it is told", async () => {
    await compare({ verify: "manifests" });
    assert.equal(proxy.count("HEAD", /\/blobs\//), 0);
  });

  it("finds everything missing in an empty repository", async () => {
    const empty = client.repository({
      registry: proxy.host,
      path: `mirror/empty-${randomBytes(4).toString("hex")}`,
    });
    const found = await compare({ target: empty });
    const count = (kind: MirrorFinding["kind"]) => found.filter((finding) => finding.kind === kind).length;
    assert.equal(count("tag-missing"), 2 + image.legacyTags.length);
    assert.equal(count("manifest-missing") + count("referrer-missing"), image.manifests.length);
    assert.equal(count("referrer-missing"), image.referrers.length);
    assert.equal(count("blob-missing"), image.blobs.size);
  });

  it("finds referrers that are new at a source", async () => {
    assert.deepEqual(await compare({ sources: [from] }), []);
    const subject = (await from.headManifest(image.digest)) ?? assert.fail("the image is gone");
    const added = await artifact(from, { subject });
    await from.putManifest(added.bytes, added.descriptor.mediaType);
    const [, attestation = ""] = legacyReferrerTags(image.digest);
    await from.putManifest(added.bytes, added.descriptor.mediaType, { tag: attestation });
    assert.deepEqual(await compare({ sources: [from] }), [
      { kind: "referrer-new", digest: added.digest, subject: image.digest },
      { kind: "referrer-new", digest: added.digest, subject: image.digest, tag: attestation },
    ]);
    assert.equal((await compare({ sources: [from], referrers: "subject" })).length, 1);
    assert.deepEqual(await compare({ sources: [from], referrers: "none" }), []);
  });

  it("does not take a target that cannot be asked for an empty one", async () => {
    proxy.inject({ method: "HEAD", path: /\/blobs\//, nth: 2, fault: { kind: "respond", status: 403 } });
    await assert.rejects(compare(), (error) => error instanceof RegistryError && error.status === 403);
  });

  it("does not know of what is not in the summary", async () => {
    const other = { ...summary, manifests: [], blobs: {}, legacyTags: [], rootDigest: digestOf("x") };
    const found = await compare({ summary: other, tags: ["v1"] });
    assert.deepEqual(found, [{ kind: "tag-moved", tag: "v1", from: digestOf("x"), to: image.digest }]);
  });
});
