import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OciArchive } from "../../../../lib/oci/archive/archive";
import { digestOf } from "../../../../lib/oci/digest";
import { OciLayout } from "../../../../lib/oci/layout";
import { MediaType } from "../../../../lib/oci/media-types";
import type { Index, Manifest } from "../../../../lib/oci/types";
import { crane, skopeo } from "../../../support/clients";
import { startCraneRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { temporaryFolder } from "../assembly/temporary-folder";
import { copyTags, putBytes, putImage, putMultiPlatform } from "./fixtures";

const folder = temporaryFolder();
const path = (name = "image.tar") => join(folder(), name);

/** Digests of the blobs in a layout in a directory, each of which is what its name says. */
function checkedBlobs(directory: string): string[] {
  const names = readdirSync(join(directory, "blobs/sha256")).sort();
  for (const name of names) {
    assert.equal(digestOf(readFileSync(join(directory, "blobs/sha256", name))), `sha256:${name}`);
  }
  return names;
}

describe("OCI archive and skopeo", function () {
  this.timeout(60_000);
  before(function () {
    requireTools(this, "skopeo");
  });

  it("is inspected and copied", async () => {
    const target = new OciArchive(path());
    const { index, images } = await putMultiPlatform(target, folder(), "v1");
    await putImage(target, folder(), "linux/386", { tag: "v2" });
    await target.seal();
    const from = `oci-archive:${path()}:v1`;
    const raw = await skopeo(["inspect", "--raw", from]);
    assert.equal(digestOf(raw), index.digest);
    const inspected = JSON.parse(await skopeo(["--override-arch=arm64", "inspect", from])) as {
      Architecture: string;
      Labels: object;
      Layers: string[];
    };
    assert.equal(inspected.Architecture, "arm64");
    assert.deepEqual(inspected.Labels, { built: "by a test" });
    assert.deepEqual(
      inspected.Layers,
      images[1]?.layers.map(({ digest }) => digest),
    );

    await skopeo(["copy", "--all", from, `oci:${path("layout")}:v1`]);
    const layout = new OciLayout(path("layout"));
    assert.equal((await layout.headManifest("v1"))?.digest, index.digest);
    for (const { descriptor, config, layers } of images) {
      assert.ok(await layout.headManifest(descriptor.digest));
      for (const blob of [config, ...layers]) assert.equal(await layout.blobSize(blob.digest), blob.size);
    }
    checkedBlobs(path("layout"));
  });

  it("is read as skopeo writes it, and can be written again", async () => {
    const first = new OciArchive(path("first.tar"));
    const { index, images } = await putMultiPlatform(first, folder(), "v1");
    await first.seal();
    await skopeo(["copy", "--all", `oci-archive:${path("first.tar")}:v1`, `oci-archive:${path()}:v2`]);
    const source = new OciArchive(path());
    assert.deepEqual(await source.listTags(), ["v2"]);
    assert.equal((await source.headManifest("v2"))?.digest, index.digest);
    const copied = new OciArchive(path("copied.tar"));
    await copyTags(source, copied, ["v2"]);
    await copied.seal();
    const updated = new OciArchive(path());
    const added = await putImage(updated, folder(), "linux/386", { tag: "v3" });
    await updated.seal();
    assert.deepEqual(await updated.listTags(), ["v2", "v3"]);
    const blobs = [...images, added].flatMap(({ config, layers }) => [config, ...layers]);
    for (const blob of blobs) assert.equal(await updated.blobSize(blob.digest), blob.size);
    assert.equal(digestOf(await skopeo(["inspect", "--raw", `oci-archive:${path()}:v2`])), index.digest);
  });

  it("is read as skopeo writes it without a tag: by digest", async () => {
    const first = new OciArchive(path("first.tar"));
    const { descriptor } = await putImage(first, folder(), "linux/amd64", { tag: "v1" });
    await first.seal();
    await skopeo(["copy", `oci-archive:${path("first.tar")}:v1`, `oci-archive:${path()}`]);
    const source = new OciArchive(path());
    assert.deepEqual(await source.listTags(), []);
    assert.equal((await source.getManifest(descriptor.digest)).descriptor.size, descriptor.size);
    await assert.rejects(source.getManifest("latest"), new RegExp(`choose by digest: ${descriptor.digest}`));
  });

  it("is read as a docker-archive by its manifest.json", async () => {
    const target = new OciArchive(path(), { repoTags: (tag) => `acme/hello:${tag}` });
    const { images } = await putMultiPlatform(target, folder(), "v1");
    await target.seal();
    const from = `docker-archive:${path()}:acme/hello:v1`;
    const manifest = JSON.parse(await skopeo(["inspect", "--raw", from])) as Manifest;
    assert.equal(manifest.config.digest, images[0]?.config.digest);
    await skopeo(["copy", from, `oci:${path("layout")}:v1`]);
    checkedBlobs(path("layout"));
  });
});

describe("OCI archive of other programs", function () {
  this.timeout(60_000);

  /**
   * A layout of one image as a tree of files, with the entry of `index.json` as a program writes
   * it.
   */
  async function tree(annotations: Record<string, string>): Promise<{ index: string; image: string }> {
    const layout = new OciLayout(path("tree"));
    const { index, images } = await putMultiPlatform(layout, folder(), "v1");
    const { digest, mediaType, size } = index;
    const listed = { mediaType, digest, size, annotations };
    const content = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [listed] };
    writeFileSync(join(path("tree"), "index.json"), JSON.stringify(content));
    return { index: digest, image: images[0]?.descriptor.digest ?? "" };
  }

  it("reads the shape of docker save since Docker 25", async () => {
    const { index, image } = await tree({
      "io.containerd.image.name": "docker.io/acme/hello:v1",
      "org.opencontainers.image.ref.name": "v1",
    });
    const manifest = JSON.parse(
      readFileSync(join(path("tree"), "blobs/sha256", image.slice(7)), "utf8"),
    ) as Manifest;
    const [config, ...layers] = [manifest.config, ...manifest.layers].map(
      ({ digest }) => `blobs/sha256/${digest.slice(7)}`,
    );
    const saved = [{ Config: config, RepoTags: ["acme/hello:v1"], Layers: layers }];
    writeFileSync(join(path("tree"), "manifest.json"), JSON.stringify(saved));
    writeFileSync(join(path("tree"), "repositories"), "{}");
    execFileSync("tar", ["-C", path("tree"), "-cf", path(), ...readdirSync(path("tree"))]);
    const archive = new OciArchive(path());
    assert.deepEqual(await archive.listTags(), ["v1"]);
    assert.equal((await archive.headManifest("v1"))?.digest, index);
    // Written again without names of our own it keeps the one that it has.
    await putImage(archive, folder(), "linux/386", { tag: "v2" });
    await archive.seal();
    execFileSync("tar", ["-C", path("tree"), "-xf", path(), "index.json"]);
    const { manifests } = JSON.parse(readFileSync(join(path("tree"), "index.json"), "utf8")) as Index;
    assert.deepEqual(
      manifests.map(({ annotations }) => annotations?.["io.containerd.image.name"]),
      ["docker.io/acme/hello:v1", undefined],
    );
  });

  it("reads the shape of BuildKit, and names it for containerd and docker load", async () => {
    const { index } = await tree({
      "io.containerd.image.name": "ghcr.io/acme/former:v1",
      "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
      "org.opencontainers.image.ref.name": "v1",
    });
    execFileSync("tar", ["-C", path("tree"), "--format=posix", "-cf", path(), "."]);
    const archive = new OciArchive(path(), { repoTags: (tag) => `acme/hello:${tag}` });
    assert.deepEqual((await archive.seal())?.repoTags, ["acme/hello:v1"]);
    execFileSync("tar", ["-C", path("tree"), "-xf", path(), "index.json"]);
    const [listed] = (JSON.parse(readFileSync(join(path("tree"), "index.json"), "utf8")) as Index).manifests;
    assert.equal(listed?.digest, index);
    assert.deepEqual(listed.annotations, {
      "io.containerd.image.name": "docker.io/acme/hello:v1",
      "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
      "org.opencontainers.image.ref.name": "v1",
    });
  });

  it("is a layout that crane pushes, once it is unpacked", async function () {
    requireTools(this, "crane");
    const target = new OciArchive(path());
    const { descriptor } = await putImage(target, folder(), "linux/amd64", { tag: "v1" });
    await target.seal();
    mkdirSync(path("tree"));
    execFileSync("tar", ["-C", path("tree"), "-xf", path()]);
    const registry = await startCraneRegistry();
    try {
      const reference = `${registry.host}/acme/hello:v1`;
      await crane(["push", path("tree"), reference]);
      assert.equal(await crane(["digest", reference]), descriptor.digest);
      await crane(["validate", "--remote", reference]);
    } finally {
      await registry.stop();
    }
  });

  it("keeps artifacts that are not images", async () => {
    const target = new OciArchive(path());
    const config = await putBytes(target, "{}", MediaType.ociEmpty);
    const chart = await putBytes(target, "a chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip");
    const manifest = { schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers: [chart] };
    await target.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest, { tag: "1.0.0" });
    await target.seal();
    copyFileSync(path(), path("copy.tar"));
    const copy = new OciArchive(path("copy.tar"));
    assert.deepEqual(await copy.listTags(), ["1.0.0"]);
    assert.equal(await copy.blobSize(chart.digest), chart.size);
    assert.doesNotMatch(execFileSync("tar", ["-tf", path()]).toString(), /manifest\.json/);
  });
});
