import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { arch } from "node:process";
import { join } from "node:path";
import { OciArchive } from "../../../../lib/oci/archive/archive";
import { ArchiveError } from "../../../../lib/oci/archive/archive-error";
import { digestOf } from "../../../../lib/oci/digest";
import { readBase } from "../../../../lib/oci/image/base";
import { parsePlatform } from "../../../../lib/oci/platform";
import { requireDocker, startDocker, type DockerEngine } from "../../../support/docker";
import { requirement } from "../../../support/requirement";
import { requireTools } from "../../../support/tools";
import { skopeo } from "../../../support/clients";
import { temporaryFolder } from "../assembly/temporary-folder";
import { copyTags, putImage, putMultiPlatform, putReferrer, staticProgram } from "./fixtures";

/** Architecture of this machine, as Go names it. */
const architecture = arch === "x64" ? "amd64" : arch;
const otherArchitecture = architecture === "amd64" ? "arm64" : "amd64";

interface Inspected {
  Id: string;
  RepoTags: string[];
  Architecture: string;
  Config: { Entrypoint: string[]; Cmd: string[]; Labels: Record<string, string> };
  RootFS: { Layers: string[] };
}

describe("OCI archive in a Docker engine", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const path = (name = "image.tar") => join(folder(), name);
  const repoTags = (tag: string) => `acme/hello:${tag}`;
  let engine: DockerEngine;

  before(async function () {
    this.timeout(120_000);
    requireDocker(this);
    engine = await startDocker();
  });
  after(() => engine?.stop());
  afterEach(async () => {
    const containers = (await engine.docker("ps", "-aq")).split("\n").filter(Boolean);
    if (containers.length > 0) await engine.docker("rm", "-f", ...containers);
    const images = (await engine.docker("images", "-aq", "--no-trunc")).split("\n").filter(Boolean);
    if (images.length > 0) await engine.docker("rmi", "-f", ...new Set(images));
  });

  const inspect = async (name: string): Promise<Inspected> =>
    (JSON.parse(await engine.docker("image", "inspect", name)) as [Inspected])[0];

  const layers = [
    [
      { to: "/bin/tool", source: staticProgram.slice(1), mode: "0755" },
      { to: "/etc/removed", content: "not to be seen\n" },
    ],
    [
      { to: "/app/config", content: "of the second layer\n", mode: "0640", uid: 1000, gid: 1000 },
      { to: "/app/link", symlink: "config" },
      { to: "/etc/removed", remove: true },
    ],
  ];

  for (const compression of ["gzip", "none"] as const) {
    it(`loads an image with layers of compression ${compression}, which runs`, async function () {
      const target = new OciArchive(path(), { repoTags });
      const image = await putImage(target, folder(), `linux/${architecture}`, {
        tag: "v1",
        compression,
        layers,
      });
      await putImage(target, folder(), `linux/${architecture}`, { tag: "latest", compression, layers });
      assert.deepEqual((await target.seal())?.repoTags, ["acme/hello:latest", "acme/hello:v1"]);
      const said = await engine.docker("load", "-i", path());
      assert.match(said, /Loaded image: acme\/hello:v1/);
      const inspected = await inspect("acme/hello:v1");
      assert.equal(inspected.Id, image.config.digest);
      assert.deepEqual(inspected.RepoTags.sort(), ["acme/hello:latest", "acme/hello:v1"]);
      assert.equal(inspected.Architecture, architecture);
      assert.deepEqual(inspected.Config.Entrypoint, ["/bin/tool"]);
      assert.deepEqual(inspected.Config.Labels, { built: "by a test" });
      assert.equal(inspected.RootFS.Layers.length, 2);

      const container = await engine.docker("create", "--network=none", "acme/hello:v1");
      await engine.docker("export", "-o", path("export.tar"), container);
      mkdirSync(path("export"));
      execFileSync("tar", ["-C", path("export"), "-xf", path("export.tar")]);
      const listing = execFileSync("tar", ["--numeric-owner", "-tvf", path("export.tar")]).toString();
      assert.match(listing, /^-rw-r----- 1000\/1000 .* app\/config$/m);
      assert.match(listing, /^lrwxrwxrwx .* app\/link -> config$/m);
      assert.doesNotMatch(listing, /removed/);
      assert.equal(readFileSync(path("export/app/config"), "utf8"), "of the second layer\n");
      assert.equal(digestOf(readFileSync(path("export/bin/tool"))), digestOf(readFileSync(staticProgram)));

      requirement(this, await runsContainers(engine, container), "the engine is not let run containers here");
      const expected = execFileSync(staticProgram, ["--version"]).toString().trimEnd();
      assert.equal(await engine.docker("run", "--rm", "--network=none", "acme/hello:v1"), expected);
    });
  }

  it("loads the image of the chosen architecture from a multi-platform archive", async () => {
    const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
    for (const [chosen, options] of [
      ["amd64", { repoTags }],
      ["arm64", { repoTags: (tag: string) => `ghcr.io/acme/other:${tag}`, architecture: "arm64" }],
    ] as const) {
      const target = new OciArchive(path(`${chosen}.tar`), options);
      const { images } = await putMultiPlatform(target, folder(), "v1", platforms);
      const sealed = await target.seal();
      await engine.docker("load", "-i", path(`${chosen}.tar`));
      const inspected = await inspect(sealed?.repoTags[0] ?? "");
      const expected = images.find(({ descriptor }) => descriptor.platform?.architecture === chosen);
      assert.equal(inspected.Id, expected?.config.digest);
      assert.equal(inspected.Architecture, chosen);
    }
  });

  it("loads images without a name where none is given, and passes over what is not an image", async () => {
    const target = new OciArchive(path());
    const image = await putImage(target, folder(), `linux/${architecture}`, { tag: "v1" });
    const referrer = await putReferrer(target, image.descriptor, "application/spdx+json");
    const { bytes } = await target.getManifest(referrer.digest);
    await target.putManifest(bytes, referrer.mediaType, { tag: "sbom" });
    await putMultiPlatform(target, folder(), "other", [`linux/s390x`, "linux/riscv64"]);
    await target.seal();
    assert.match(
      await engine.docker("load", "-i", path()),
      new RegExp(`Loaded image ID: ${image.config.digest}`),
    );
    assert.equal(await engine.docker("images", "-aq", "--no-trunc"), image.config.digest);
  });

  it("gives names to an archive that skopeo wrote, which is loaded then", async function () {
    requireTools(this, "skopeo");
    const target = new OciArchive(path("first.tar"));
    const image = await putImage(target, folder(), `linux/${architecture}`, { tag: "v1" });
    await target.seal();
    await skopeo(["copy", `oci-archive:${path("first.tar")}:v1`, `oci-archive:${path()}:v1`]);
    const named = new OciArchive(path(), { repoTags });
    assert.deepEqual((await named.seal())?.repoTags, ["acme/hello:v1"]);
    assert.equal(await named.seal(), undefined);
    await engine.docker("load", "-i", path());
    assert.equal((await inspect("acme/hello:v1")).Id, image.config.digest);
  });

  it("reads what docker save writes once skopeo has converted it, or since Docker 25", async function () {
    requireTools(this, "skopeo");
    const target = new OciArchive(path(), { repoTags });
    await putImage(target, folder(), `linux/${otherArchitecture}`, { tag: "v1" });
    await target.seal();
    await engine.docker("load", "-i", path());
    await engine.docker("save", "-o", path("saved.tar"), "acme/hello:v1");
    let source = new OciArchive(path("saved.tar"));
    if (Number(engine.version.split(".")[0]) < 25) {
      await assert.rejects(source.listTags(), (error: unknown) => {
        assert.ok(error instanceof ArchiveError);
        assert.match(error.message, /convert it with "skopeo copy docker-archive:FILE oci-archive:FILE"/);
        return true;
      });
      await skopeo([
        "copy",
        `docker-archive:${path("saved.tar")}`,
        `oci-archive:${path("converted.tar")}:v1`,
      ]);
      source = new OciArchive(path("converted.tar"));
    }
    const again = new OciArchive(path("again.tar"));
    await copyTags(source, again, ["v1"]);
    await again.seal();
    // The conversion writes the configuration in its own way; what it says is the same.
    const platform = parsePlatform(`linux/${otherArchitecture}`);
    const [actual, expected] = [
      await readBase(again, "v1", platform),
      await readBase(target, "v1", platform),
    ];
    assert.deepEqual(actual.config.file.rootfs, expected.config.file.rootfs);
    assert.deepEqual(actual.config.file.config, expected.config.file.config);
  });

  it("says what is wrong with a name", async () => {
    for (const [name, reason] of [
      [
        "acme/hello",
        /the name "acme\/hello" for the tag "v1", .* has to be a name with a tag and without a digest/,
      ],
      ["Acme/Hello:v1", /the name "Acme\/Hello:v1" .* upper-case .*; a valid example: "acme\/hello:v1"/],
    ] as const) {
      const target = new OciArchive(path(), { repoTags: () => name });
      await putImage(target, folder(), "linux/amd64", { tag: "v1" });
      await assert.rejects(target.seal(), reason);
      await target.close();
    }
  });
});

/** Whether the machine lets the engine start a container at all. */
async function runsContainers(engine: DockerEngine, container: string): Promise<boolean> {
  try {
    await engine.docker("start", container);
    return true;
  } catch (error) {
    if (/permission denied|operation not permitted|cgroup|mount/i.test((error as Error).message))
      return false;
    throw error;
  }
}
