import assert from "node:assert/strict";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import * as path from "node:path";
import { EngineProject, resourceCounts } from "../support/engine";
import {
  CleanEnvironment,
  requirePythonTools,
  startPackageServer,
  toolVariables,
  twineCheck,
  writePythonProject,
  type PackageServer,
} from "../support/python-packages";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("a release whose program goes to an index of Python packages", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let server: PackageServer;

  before(async function () {
    requireTools(this, "pulumi", "registry");
    requirePythonTools(this);
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    server = await startPackageServer(path.join(project.directory, "packages"));
  });
  after(async () => {
    await server?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, more = "", wheel = "") =>
    project.program(`
import { Distribution, ociRegistry, pypiProject } from "@slipway";

new Distribution("app-cli", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver} {os}\\n' > {output}/app{exe} && chmod +x {output}/app{exe}"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  channels: [
    pypiProject({
      index: { simple: "${server.url}simple", upload: "${server.url}" },
      wheels: { summary: "Says its version", ${wheel} },
      ${more}
    }),
  ],
});
`);
  const wheels = async () => (await readdir(path.join(project.directory, "packages"))).sort();

  it("refuses what the index cannot carry before anything is made", async () => {
    await declare("v1.0.0", 'version: "1.0.0-1",');
    await assert.rejects(
      project.preview(),
      /channels\[0\]\.version: "1\.0\.0-1" is a pre-release, and for Python it would be 1\.0\.0\.post1/,
    );
    await declare("v1.0.0-nightly.1");
    await assert.rejects(project.preview(), /"v1\.0\.0-nightly\.1" is not a version of a Python package/);
  });

  it("is one wheel a platform, shown by a preview and uploaded once; pip installs the program", async () => {
    await declare("v1.0.0");
    assert.match(await project.preview(), /slipway:pypi:Release: \(create\)/);
    assert.deepEqual(await wheels(), []);
    await project.upWithoutPreview();
    assert.deepEqual(await wheels(), [
      "app_cli-1.0.0-py3-none-macosx_12_0_arm64.whl",
      "app_cli-1.0.0-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64.whl",
      "app_cli-1.0.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl",
      "app_cli-1.0.0-py3-none-win_amd64.whl",
    ]);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    const environment = await CleanEnvironment.make(path.join(project.directory, "environment"));
    await environment.install(server, "app-cli");
    assert.equal(await environment.run("app"), "1.0.0 linux");
    for (const platform of ["musllinux_1_1_aarch64", "macosx_14_0_arm64", "win_amd64"]) {
      const folder = path.join(project.directory, platform);
      await mkdir(folder);
      await environment.download(
        server,
        "--only-binary",
        ":all:",
        "--platform",
        platform,
        "--dest",
        folder,
        "app-cli",
      );
      assert.equal((await readdir(folder)).length, 1);
    }
  });

  it("wheels that are placed in another folder are not uploaded again", async () => {
    const uploaded = async () =>
      Promise.all(
        (await wheels()).map(
          async (file) => (await stat(path.join(project.directory, "packages", file))).ctimeMs,
        ),
      );
    const before = await uploaded();
    await declare("v1.0.0", "", 'directory: "dist/wheels"');
    await project.upWithoutPreview();
    assert.equal((await readdir(path.join(project.directory, "dist/wheels"))).length, 4);
    await declare("v1.0.0");
    await project.upWithoutPreview();
    await assert.rejects(readdir(path.join(project.directory, "dist/wheels")), /ENOENT/);
    assert.equal((await readdir(path.join(project.directory, "dist/dev/v1.0.0/wheels"))).length, 4);
    assert.deepEqual(await uploaded(), before);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("a candidate reaches those alone who ask for it", async () => {
    await declare("v1.1.0-rc.1");
    await project.upWithoutPreview();
    assert.equal((await wheels()).length, 8);
    const environment = await CleanEnvironment.make(path.join(project.directory, "candidate"));
    await environment.install(server, "app-cli");
    assert.equal(await environment.run("app"), "1.0.0 linux");
    await environment.install(server, "--upgrade", "--pre", "app-cli");
    assert.equal(await environment.run("app"), "1.1.0-rc.1 linux");
  });

  it("an index that is down fails the run at its end, and gets the release by the next one", async () => {
    const { port } = server;
    await server.stop();
    await declare("v1.2.0");
    await assert.rejects(project.upWithoutPreview(), /PyPI project 127\.0\.0\.1:\d+/);
    server = await startPackageServer(path.join(project.directory, "packages"), undefined, port);
    await project.upWithoutPreview();
    assert.equal((await wheels()).length, 12);
  });

  it("MESH-15: MESH-16: MESH-17: MESH-18: is the wheel and the sdist that a project's own command has built", async () => {
    const name = "mcp-mesh";
    await writePythonProject(path.join(project.directory, "src/runtime/python"), name, "1.0.0");
    await mkdir(path.join(project.directory, "packaging/pypi"), { recursive: true });
    await rename(
      path.join(project.directory, "src/runtime/python/pyproject.toml"),
      path.join(project.directory, "packaging/pypi/pyproject.toml"),
    );
    await project.program(`
import { Command, Distribution, ociRegistry, pypiProject } from "@slipway";

const built = new Command("python", {
  command: \`
    work=$(mktemp -d)
    cp -r src/runtime/python/. packaging/pypi/pyproject.toml "$work"
    python3 -m build --no-isolation --outdir {output} "$work"
    rm -r "$work"\`,
  env: ${JSON.stringify({ ...toolVariables(), SOURCE_DATE_EPOCH: "1767225600" })},
  sources: ["src/runtime/python/**", "packaging/pypi/pyproject.toml"],
  outputs: ["mcp_mesh-1.0.0-py3-none-any.whl", "mcp_mesh-1.0.0.tar.gz"],
});
new Distribution("${name}", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { mesh: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  channels: [
    pypiProject({
      index: { simple: "${server.url}simple", upload: "${server.url}" },
      files: built.files.apply((files) => Object.values(files)),
    }),
  ],
});
`);
    await project.upWithoutPreview();
    const published = (await wheels()).filter((file) => file.startsWith("mcp_mesh"));
    assert.deepEqual(published, ["mcp_mesh-1.0.0-py3-none-any.whl", "mcp_mesh-1.0.0.tar.gz"]);
    await twineCheck(published.map((file) => path.join(project.directory, "packages", file)));
    const environment = await CleanEnvironment.make(path.join(project.directory, "mesh"));
    await environment.install(server, "mcp-mesh==1.0.0");
    assert.equal(
      await environment.run("python", ["-c", "import mcp_mesh; print(mcp_mesh.__version__)"]),
      "1.0.0",
    );
    // An extra is known by what it wants, which this index does not have.
    for (const [extra, wanted] of [
      ["kubernetes", /shout/],
      ["dev", /whisper/],
    ] as const) {
      await assert.rejects(environment.install(server, `mcp-mesh[${extra}]`), wanted);
    }
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });
});
