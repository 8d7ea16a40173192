import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { archiveFiles, chartFiles, HelmUser, helmPrograms } from "../support/charts";
import { crane } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("Helm charts of a distribution", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;
  let folder: string;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "cosign", "helm", "helm-v3");
    [registry, mirror] = await Promise.all([startDistribution(), startDistribution()]);
    folder = await mkdtemp(path.join(tmpdir(), "slipway-helm-"));
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", ...chartFiles("chart", "hello") },
    });
    await declare("v1.0.0");
  });
  after(async () => {
    await registry?.stop();
    await mirror?.stop();
    await project?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const declare = (version: string, chart = "") =>
    project.program(`
import { Distribution, ociRegistry, throwAwayKey } from "@slipway";

const { images, charts } = new Distribution("app", {
  version: "${version}",
  registries: [ociRegistry({ host: "${registry.host}", namespace: "acme" }), ociRegistry({ host: "${mirror.host}", namespace: "copy" })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  charts: {
    hello: { directory: "chart", images: { image: "hello", sidecar: "hello" }, values: { replicas: 2 }, ${chart} },
  },
  trust: { sign: throwAwayKey(".slipway/keys", ["${registry.host}", "${mirror.host}"]) },
});
export const digest = images.hello.digest;
export const published = charts;
`);

  const chart = () => `${registry.host}/acme/charts/hello`;
  /** Tags of the chart, without those that stand for the referrers of a digest. */
  const versions = async () =>
    (await crane(["ls", chart()]))
      .split("\n")
      .filter((tag) => !tag.startsWith("sha256-"))
      .sort();
  const imageDigest = () => crane(["digest", `${registry.host}/acme/hello:v1.0.0`]);
  const user = (program: (typeof helmPrograms)[number]) => new HelmUser(program, path.join(folder, program));

  for (const [what, field, reason] of [
    [
      "an image that is not there",
      `images: { image: "hallo" }`,
      /charts\.hello\.images\.image: there is no image "hallo"/,
    ],
    [
      "a value that is not there",
      `values: { "image.sum": "" }`,
      /values\["image\.sum"\].*: there is no "image\.sum" in values\.yaml; image has repository, tag, digest/,
    ],
    [
      "a value with fields",
      `values: { image: "x" }`,
      /values\.image value.*: "image" in values\.yaml is not one value/,
    ],
    [
      "another name",
      `repository: "charts/hallo"`,
      /charts\.hello\.repository: "charts\/hallo" has to end with the name/,
    ],
    ["no folder", `directory: "chart/none"`, /property directory value.*: there is no folder chart\/none/],
  ] as const) {
    it(`a preview refuses ${what}`, async () => {
      await declare("v1.0.0", field);
      assert.match((await project.fail(["preview", "--stack", "dev"])).replace(/\s+/g, " "), reason);
      assert.deepEqual(
        registry.requests().filter(({ method }) => !["GET", "HEAD"].includes(method)),
        [],
      );
    });
  }

  it("is published with its images; a second run changes nothing", async () => {
    await declare("v1.0.0");
    // A chart has no programs in it, which a scan or an SBOM could be about.
    const policies = await project.policyPack({ all: "advisory" });
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const said = await project.succeed([...command, "--stack", "dev", ...policies]);
      assert.match(said, /tag \S+\/acme\/hello:v1\.0\.0/);
      assert.doesNotMatch(said, /tag \S+\/charts\/hello/);
    }
    assert.deepEqual(await versions(), ["1.0.0"]);
    const order = registry
      .requests()
      .filter(({ method, path: to }) => method === "PUT" && /\/manifests\/v?1\.0\.0$/.test(to));
    assert.deepEqual(
      order.map(({ path: to }) => to.split("/").at(-1)),
      ["v1.0.0", "1.0.0"],
    );
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  for (const program of helmPrograms) {
    it(`${program} finds, shows and renders it, with the digest of the released image`, async () => {
      const helm = user(program);
      const digest = await imageDigest();
      const remote = [`oci://${chart()}`, "--version", "1.0.0", "--plain-http"];
      assert.match(await helm.run("show", "chart", ...remote), /^version: 1\.0\.0$/m);
      const rendered = await helm.run("template", "mine", ...remote);
      assert.ok(rendered.includes(`image: ${registry.host}/acme/hello@${digest}`), rendered);
      assert.ok(rendered.includes(`image: ${registry.host}/acme/hello:v1.0.0@${digest}`), rendered);
      assert.match(rendered, /replicas: 2/);
      assert.match(rendered, /version: "v1\.0\.0"/);
      // Helm 3 asks a cluster even then.
      if (program === "helm") {
        assert.ok((await helm.run("install", "mine", ...remote, "--dry-run=client")).includes(digest));
      }
      assert.match(
        await helm.run(
          "lint",
          "--strict",
          await helm.pull(chart(), "--version", "1.0.0", "--untar").then((to) => path.join(to, "hello")),
        ),
        /0 chart\(s\) failed/,
      );
    });

    it(`${program} pulls it by digest and from the mirror, and has the same bytes`, async () => {
      const helm = user(program);
      const byVersion = await helm.pull(chart(), "--version", "1.0.0");
      const bytes = await readFile(path.join(byVersion, "hello-1.0.0.tgz"));
      const digest = await crane(["digest", `${chart()}:1.0.0`]);
      for (const reference of [`${chart()}@${digest}`, `${mirror.host}/copy/charts/hello@${digest}`]) {
        const to = await helm.pull(reference);
        const [file = ""] = await readdir(to);
        assert.deepEqual(await readFile(path.join(to, file)), bytes);
      }
      const mirrored = await helm.pull(`${mirror.host}/copy/charts/hello`, "--version", "1.0.0");
      assert.deepEqual(await readFile(path.join(mirrored, "hello-1.0.0.tgz")), bytes);
    });

    it(`${program} packs and pushes the same files, configuration and annotations`, async () => {
      const helm = user(program);
      const unpacked = path.join(await helm.pull(chart(), "--version", "1.0.0", "--untar"), "hello");
      await helm.run("package", unpacked, "--destination", helm.home);
      const packed = path.join(helm.home, "hello-1.0.0.tgz");
      const ours = path.join(await helm.pull(chart(), "--version", "1.0.0"), "hello-1.0.0.tgz");
      const without = (files: [string, string][]) =>
        Object.fromEntries(files.filter(([name]) => name !== "hello/Chart.yaml"));
      // Helm writes Chart.yaml anew, without comments; what it says is in the configuration. It leaves
      // out .helmignore's matches, and keeps the file itself.
      assert.deepEqual(without(await archiveFiles(ours)), without(await archiveFiles(packed)));
      const theirs = `${registry.host}/by-${program}/hello`;
      await helm.run("push", packed, `oci://${path.dirname(theirs)}`, "--plain-http");
      const read = async (name: string) => JSON.parse(await crane(["manifest", `${name}:1.0.0`])) as Manifest;
      const [own, other] = [await read(chart()), await read(theirs)];
      assert.deepEqual(own.config, other.config);
      assert.equal(own.layers[0]?.mediaType, other.layers[0]?.mediaType);
      const { "org.opencontainers.image.created": created, ...annotations } = other.annotations;
      assert.ok(created);
      assert.deepEqual(own.annotations, annotations);
    });
  }

  it("cosign verifies it, in the mirror too", async () => {
    const key = path.join(project.directory, ".slipway/keys/cosign.pub");
    await cosignVerify(`${chart()}:1.0.0`, key);
    await cosignVerify(`${mirror.host}/copy/charts/hello:1.0.0`, key);
  });

  it("a tag that somebody has moved or deleted is put back", async () => {
    const digest = await crane(["digest", `${chart()}:1.0.0`]);
    const imageHere = `${chart()}:1.0.0`;
    await crane(["copy", `${registry.host}/acme/hello:v1.0.0`, imageHere]);
    assert.match(await project.preview(), /1\.0\.0/);
    await project.upWithoutPreview();
    assert.equal(await crane(["digest", imageHere]), digest);
    await crane(["delete", `${chart()}@${digest}`]);
    await project.upWithoutPreview();
    assert.equal(await crane(["digest", imageHere]), digest);
    await user("helm").pull(chart(), "--version", "1.0.0");
  });

  it("the same version with another chart is refused, with the digests", async () => {
    const digest = await crane(["digest", `${chart()}:1.0.0`]);
    await project.write({ "chart/README.md": "# Changed\n" });
    const said = await project.fail(["preview", "--stack", "dev"]);
    assert.match(said, /charts\/hello/);
    assert.match(said, /1\.0\.0/);
    assert.match(said, new RegExp(digest));
    await project.write({ "chart/README.md": "# Hello\n" });
  });

  it("a pre-release and a patch of an old line are versions beside it", async () => {
    await project.write({ "app.txt": "2" });
    await declare("v1.1.0-rc.1");
    await project.upWithoutPreview();
    await declare("v1.0.1");
    await project.upWithoutPreview();
    assert.deepEqual(await versions(), ["1.0.0", "1.0.1", "1.1.0-rc.1"]);
    for (const program of helmPrograms) {
      // Without a version Helm takes the highest that is no pre-release.
      assert.match(
        await user(program).run("show", "chart", `oci://${chart()}`, "--plain-http"),
        /^version: 1\.0\.1$/m,
      );
      assert.match(
        await user(program).run("show", "chart", `oci://${chart()}`, "--devel", "--plain-http"),
        /^version: 1\.1\.0-rc\.1$/m,
      );
    }
  });
});

interface Manifest {
  config: object;
  layers: { mediaType: string }[];
  annotations: Record<string, string>;
}
