import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { stop } from "../../lib/embedded/registry";
import { crane, hasProgram, runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { git } from "../support/git-server";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";

describe("a release with files that are no archives", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "sha256sum", "crane");
    requirement(this, hasProgram("git"), "git is not on PATH");
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    await mkdir(path.join(project.directory, "public"));
    await declare("v1.0.0");
  });
  after(async () => {
    if (project) await stop(project.directory);
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, more = "") =>
    project.program(`
import { directoryRelease, Distribution, homebrewFormula, ociRegistry, scoopManifest, shellInstaller } from "@slipway";

const about = {
  author: { name: "Acme releases", email: "releases@acme.example" },
  description: "Says its version",
  homepage: "https://acme.example",
  asset: true,
};
export const { artifacts } = new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "echo {semver} {os} > {output}/app{exe}"],
      platforms: ["linux/amd64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { app: { binaries: ["app"], formats: { windows: "zip" } } },
  extraArtifacts: {
    disk: {
      command: "cat app.txt > {output}/app-{semver}.img; echo $KIND {version} > {output}/{name}.txt",
      env: { KIND: "image of {tag}" },
      sources: ["app.txt"],
      outputs: ["app-{semver}.img", "{name}.txt"],
    },
  },
  installers: { "install.sh": shellInstaller() },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  channels: [
    homebrewFormula({ ...about, tap: ".slipway/tap.git" }),
    scoopManifest({ ...about, bucket: ".slipway/bucket.git" }),
  ],
  ${more}
});
`);

  const folder = (version: string) => path.join(project.directory, "public/releases/download", version);
  const made = ["app-1.0.0.img", "app.json", "app.rb", "disk.txt", "install.sh"];
  const archives = ["darwin_arm64.tar.gz", "linux_amd64.tar.gz", "windows_amd64.zip"];
  const all = [...made, ...archives.map((name) => `app_1.0.0_${name}`)].sort();
  const sumsOf = (directory: string) =>
    runClient("sh", ["-c", 'cd "$0" && sha256sum -c --strict SHA256SUMS', directory]);

  it("is previewed with their digests, and nothing is placed", async () => {
    const text = await project.preview();
    assert.match(text, /SHA256SUMS[^]*sha256:[0-9a-f]{12}/);
    await assert.rejects(readdir(folder("v1.0.0")), /ENOENT/);
    await assert.rejects(readdir(path.join(project.directory, "dist")), /ENOENT/);
  });

  it("lists them all in its sums, and a second update changes nothing", async () => {
    await project.upWithoutPreview();
    assert.deepEqual((await readdir(folder("v1.0.0"))).sort(), ["SHA256SUMS", ...all]);
    assert.deepEqual(
      (await sumsOf(folder("v1.0.0"))).split("\n").sort(),
      all.map((name) => `${name}: OK`),
    );
    assert.equal(await readFile(path.join(folder("v1.0.0"), "disk.txt"), "utf8"), "image of v1.0.0 v1.0.0\n");
    const { artifacts } = await project.outputs<{ artifacts: { name: string }[] }>();
    const known = artifacts.map(({ name }) => name);
    for (const name of ["app-1.0.0.img", "disk.txt"]) assert.ok(known.includes(name), known.join());
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    await appendFile(path.join(folder("v1.0.0"), "app-1.0.0.img"), "x");
    await assert.rejects(sumsOf(folder("v1.0.0")));
    await project.upWithoutPreview();
    await sumsOf(folder("v1.0.0"));
  });

  it("has the manifests that the channels have: they name archives, and the sums name them", async () => {
    for (const [name, repository, file] of [
      ["app.rb", ".slipway/tap.git", "Formula/app.rb"],
      ["app.json", ".slipway/bucket.git", "bucket/app.json"],
    ] as const) {
      const given = git(path.join(project.directory, repository), "show", `main:${file}`);
      const released = await readFile(path.join(folder("v1.0.0"), name), "utf8");
      assert.equal(released.trimEnd(), given.trimEnd());
      const sums = await readFile(path.join(folder("v1.0.0"), "SHA256SUMS"), "utf8");
      const named = [...released.matchAll(/"([0-9a-f]{64})"/g)].map(([, sum = ""]) => sum);
      assert.ok(named.length > 0);
      for (const sum of named) assert.match(sums, new RegExp(`^${sum}  app_1\\.0\\.0_`, "m"));
    }
  });

  it("is built whole where nothing is published, with the same bytes", async () => {
    const dist = path.join(project.directory, "dist/dev/v1.0.0");
    const before = await readFile(path.join(dist, "SHA256SUMS"), "utf8");
    await rm(path.join(project.directory, "dist"), { recursive: true });
    const other = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    try {
      const program = await project.read("index.ts");
      await other.program(program.replace("version:", 'environment: "test",\n  version:'));
      await other.upWithoutPreview();
      const directory = path.join(other.directory, "dist/dev/v1.0.0");
      assert.equal(await readFile(path.join(directory, "SHA256SUMS"), "utf8"), before);
      await sumsOf(directory);
      for (const name of ["public", ".slipway/tap.git"])
        assert.ok(!existsSync(path.join(other.directory, name)), name);
    } finally {
      await stop(other.directory);
      await other.remove();
    }
  });

  it("the next version takes nothing of the former one with it", async () => {
    await project.write({ "app.txt": "2" });
    await declare("v1.1.0");
    await project.upWithoutPreview();
    await sumsOf(folder("v1.0.0"));
    assert.equal(await readFile(path.join(folder("v1.0.0"), "app-1.0.0.img"), "utf8"), "1");
    assert.equal(await readFile(path.join(folder("v1.1.0"), "app-1.1.0.img"), "utf8"), "2");
    const placed = await readdir(path.join(project.directory, "dist/dev"));
    assert.deepEqual(placed, ["v1.1.0"]);
  });

  it("a command that leaves out a file stops before anything is published", async () => {
    await declare("v1.2.0", "");
    await project.program(
      (await project.read("index.ts")).replace("> {output}/{name}.txt", "> {output}/other.txt"),
    );
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /disk\.txt/);
    await assert.rejects(readdir(folder("v1.2.0")), /ENOENT/);
  });

  it("those of an image are made once it is pushed, by its digest, and with it anew", async () => {
    const describe =
      "echo {repository} $DIGEST {version} > {output}/image.txt; crane manifest {reference} >> {output}/image.txt";
    const ofImage = `extraArtifacts: {
    about: {
      image: "app",
      command: ${JSON.stringify(describe)},
      env: { DIGEST: "{digest}" },
      sources: ["app.txt"],
      outputs: ["image.txt"],
    },`;
    const repository = `${registry.host}/app`;
    for (const [version, content] of [
      ["v1.3.0", "3"],
      ["v1.4.0", "4"],
    ] as const) {
      await project.write({ "app.txt": content });
      await declare(version);
      await project.program((await project.read("index.ts")).replace("extraArtifacts: {", ofImage));
      const preview = await project.preview();
      assert.match(preview, /unknown until built: commands do not run at preview here/);
      await project.upWithoutPreview();
      const digest = await crane(["digest", `${repository}:${version}`]);
      const manifest = await crane(["manifest", `${repository}@${digest}`]);
      const text = await readFile(path.join(folder(version), "image.txt"), "utf8");
      assert.equal(text.trimEnd(), `${repository} ${digest} ${version}\n${manifest}`);
      await sumsOf(folder(version));
      assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    }
  });
});
