import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestHex, digestOf } from "../../../../lib/oci/digest";
import { OciLayout } from "../../../../lib/oci/layout";
import { MediaType } from "../../../../lib/oci/media-types";
import { GraphError, readGraph, summarize, type ImageGraph } from "../../../../lib/oci/mirror";
import { parsePlatform, PlatformError } from "../../../../lib/oci/platform";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor, Index, Manifest } from "../../../../lib/oci/types";
import { publishImage, type PublishedImage } from "./fixtures";

describe("the graph of an image", () => {
  let folder: string;
  let layout: OciLayout;
  let image: PublishedImage;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-graph-"));
    layout = new OciLayout(join(folder, "full"));
    image = await publishImage(layout);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const digests = (graph: ImageGraph) => graph.manifests.map(({ digest }) => digest);
  const assertOrdered = (graph: ImageGraph) => {
    const seen = new Set<string>();
    for (const { digest, children, subject } of graph.manifests) {
      for (const needed of [...children, ...(subject === undefined ? [] : [subject])]) {
        assert.ok(seen.has(needed), `${needed} comes before ${digest}`);
      }
      assert.ok(!seen.has(digest), "each once");
      seen.add(digest);
    }
  };

  it("has all manifests, blobs, referrers and tags, in an order to put them", async () => {
    const graph = await readGraph([layout], image.digest);
    assert.equal(graph.rootDigest, image.digest);
    assert.deepEqual(digests(graph).sort(), [...image.manifests].sort());
    assert.deepEqual(graph.blobs.map(({ digest }) => digest).sort(), [...image.blobs.keys()].sort());
    assert.deepEqual(
      graph.legacyTags,
      image.legacyTags.map(([tag, digest]) => ({ tag, digest, subject: image.digest })),
    );
    assert.deepEqual(graph.missing, []);
    assertOrdered(graph);
    for (const manifest of graph.manifests) assert.equal(digestOf(manifest.bytes), manifest.digest);
  });

  it("is the same each time, as its summary", async () => {
    const [one, other] = await Promise.all([
      readGraph([layout], image.digest),
      readGraph([layout], image.digest),
    ]);
    const summary = summarize(one);
    assert.deepEqual(summary, summarize(other));
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  });

  it("leaves out referrers by tag, or all, where told", async () => {
    const signature = image.legacyTags[0]?.[1] ?? "";
    const subject = await readGraph([layout], image.digest, { referrers: "subject" });
    assert.deepEqual(
      digests(subject).sort(),
      image.manifests.filter((digest) => digest !== signature).sort(),
    );
    assert.deepEqual(subject.legacyTags, []);
    const none = await readGraph([layout], image.digest, { referrers: "none" });
    assert.deepEqual(digests(none), [...image.children.map(({ digest }) => digest), image.digest]);
  });

  it("of some platforms has an index of its own, and the referrers of its images only", async () => {
    const graph = await readGraph([layout], image.digest, { platforms: [parsePlatform("linux/amd64")] });
    assert.notEqual(graph.rootDigest, image.digest);
    assert.equal(graph.sourceDigest, image.digest);
    const [child] = image.children;
    const root = graph.manifests.find(({ digest }) => digest === graph.rootDigest);
    const index = JSON.parse(root?.bytes.toString("utf8") ?? "") as Index;
    assert.deepEqual(index.manifests, [child]);
    assert.ok(index.annotations?.["org.example.serial"], "annotations are kept");
    const ofChild = image.referrers
      .filter(([subject]) => subject === child?.digest)
      .map(([, referrer]) => referrer);
    assert.deepEqual(digests(graph).sort(), [graph.rootDigest, child?.digest ?? "", ...ofChild].sort());
    assert.deepEqual(graph.legacyTags, []);
    assertOrdered(graph);
  });

  it("of all its platforms is the whole", async () => {
    const platforms = ["linux/arm64", "linux/amd64"].map(parsePlatform);
    const graph = await readGraph([layout], image.digest, { platforms });
    assert.equal(graph.rootDigest, image.digest);
    assert.equal(graph.manifests.length, image.manifests.length);
  });

  it("of a platform that is not there is an error with those that are", async () => {
    const platforms = ["linux/amd64", "linux/s390x"].map(parsePlatform);
    await assert.rejects(readGraph([layout], image.digest, { platforms }), (error) => {
      return (
        error instanceof PlatformError &&
        /no image for linux\/s390x; it has linux\/amd64, linux\/arm64/.test(error.message)
      );
    });
  });

  describe("of an index that leaves platforms to its images", () => {
    const amd64 = [parsePlatform("linux/amd64")];
    let layout: OciLayout;

    /** The same images listed without platforms, or with empty ones, beside what is for none. */
    async function silentIndex(): Promise<{ digest: string; manifests: Descriptor[] }> {
      layout = new OciLayout(mkdtempSync(join(folder, "silent-")));
      const image = await publishImage(layout);
      const [first, second] = image.children.map(({ mediaType, digest, size }) => ({
        mediaType,
        digest,
        size,
      }));
      assert.ok(first && second);
      const data = await layout.getManifest(image.referrers[0]?.[1] ?? "");
      const { mediaType, digest, size } = data.descriptor;
      const empty = { ...second, platform: { os: "", architecture: "" } };
      const manifests = [first, empty, { mediaType, digest, size }];
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }),
      );
      const index = await layout.putManifest(bytes, MediaType.ociIndex);
      return { digest: index.digest, manifests };
    }

    it("has those that their configurations say, and what is for none", async () => {
      const { digest, manifests } = await silentIndex();
      const graph = await readGraph([layout], digest, { platforms: amd64, referrers: "none" });
      const root = graph.manifests.find((manifest) => manifest.digest === graph.rootDigest);
      const kept = (JSON.parse(root?.bytes.toString("utf8") ?? "") as Index).manifests;
      assert.deepEqual(kept, [manifests[0], manifests[2]]);
    });

    it("has to have each platform that is asked for", async () => {
      const { digest } = await silentIndex();
      await assert.rejects(
        readGraph([layout], digest, { platforms: [parsePlatform("linux/s390x")] }),
        /no image for linux\/s390x; it has linux\/amd64, linux\/arm64/,
      );
    });

    it("is not guessed where a configuration cannot be read", async () => {
      const { digest, manifests } = await silentIndex();
      const { bytes } = await layout.getManifest(manifests[1]?.digest ?? "");
      const { digest: config = "" } = (JSON.parse(bytes.toString("utf8")) as Manifest).config ?? {};
      rmSync(join(layout.name.slice("oci-layout:".length), "blobs/sha256", digestHex(config)));
      await assert.rejects(
        readGraph([layout], digest, { platforms: amd64 }),
        (error) => error instanceof GraphError && error.message.includes(`blob ${config} is in none`),
      );
    });
  });

  it("is put together from several sources", async () => {
    const near = new OciLayout(join(folder, "near"));
    const [child] = image.children;
    const copy = async (digest: string) => {
      const { bytes, descriptor } = await layout.getManifest(digest);
      await near.putManifest(bytes, descriptor.mediaType);
    };
    await copy(child?.digest ?? "");
    await copy(image.digest);
    const graph = await readGraph([near, layout], image.digest);
    assert.deepEqual(digests(graph).sort(), [...image.manifests].sort());
    await assert.rejects(readGraph([near], image.digest), (error) => {
      assert.ok(error instanceof GraphError);
      assert.deepEqual(
        error.missing.map(({ what, digest, side }) => [what, digest, side]),
        [["manifest", image.children[1]?.digest, "source"]],
      );
      assert.match(error.message, /is in none of the sources \(oci-layout:.*near\)/);
      return true;
    });
  });

  it("names a root that is nowhere", async () => {
    const absent = digestOf("nowhere");
    await assert.rejects(readGraph([layout], absent), (error) => {
      return error instanceof GraphError && error.missing.length === 1 && error.missing[0]?.digest === absent;
    });
  });

  it("names referrers that are listed and not there, and does not fail for them", async () => {
    const dangling = digestOf("deleted");
    const source = listing(layout, image.digest, dangling);
    const graph = await readGraph([source], image.digest);
    assert.deepEqual(
      graph.missing.map(({ what, digest }) => [what, digest]),
      [["manifest", dangling]],
    );
    assert.deepEqual(graph.dangling, [dangling]);
    assert.deepEqual(digests(graph).sort(), [...image.manifests].sort());
  });

  it("fails where no source says what refers to it, and goes on where one does", async () => {
    const silent = Object.create(layout) as Repository;
    silent.listReferrers = () => Promise.reject(new Error("out of order"));
    await assert.rejects(readGraph([silent], image.digest), (error) => {
      return error instanceof GraphError && error.missing.length > 0 && /out of order/.test(error.message);
    });
    const graph = await readGraph([silent, layout], image.digest);
    assert.equal(graph.manifests.length, image.manifests.length);
    assert.ok(graph.missing.every(({ what, reason }) => what === "referrers" && /out of order/.test(reason)));
    assert.ok(graph.missing.length > 0);
  });

  it("takes a tag that points to its own index for what it is", async () => {
    const own = new OciLayout(join(folder, "circle"));
    const circle = await publishImage(own, { referrers: false });
    const { bytes, descriptor } = await own.getManifest(circle.digest);
    await own.putManifest(bytes, descriptor.mediaType, { tag: `sha256-${digestHex(circle.digest)}.sig` });
    const graph = await readGraph([own], circle.digest);
    assert.equal(graph.manifests.length, circle.manifests.length);
    assert.equal(graph.legacyTags.length, 1);
  });

  it("does not grow with the ways to a manifest", async () => {
    const deep = new OciLayout(join(folder, "deep"));
    const { children } = await publishImage(deep, { referrers: false });
    let level = children;
    for (let depth = 0; depth < 24; depth++) {
      const wider = await Promise.all(
        ["a", "b"].map(async (name) => {
          const index = {
            schemaVersion: 2,
            mediaType: MediaType.ociIndex,
            manifests: level,
            annotations: { name },
          };
          return deep.putManifest(Buffer.from(JSON.stringify(index)), MediaType.ociIndex);
        }),
      );
      level = wider.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    }
    const graph = await readGraph([deep], level[0]?.digest ?? "", { referrers: "none" });
    assert.equal(graph.manifests.length, 2 + 23 * 2 + 1);
    assertOrdered(graph);
  });

  it("stops when it is called off", async () => {
    const abort = new AbortController();
    abort.abort(new Error("enough"));
    await assert.rejects(readGraph([layout], image.digest, { signal: abort.signal }), /enough/);
  });
});

/** A repository that lists one referrer more. */
function listing(repository: Repository, subject: string, referrer: string): Repository {
  const lying = Object.create(repository) as Repository;
  lying.listReferrers = async (digest) => [
    ...(await repository.listReferrers(digest)),
    ...(digest === subject ? [{ mediaType: MediaType.ociManifest, digest: referrer, size: 2 }] : []),
  ];
  return lying;
}
