import assert from "node:assert/strict";
import * as path from "node:path";
import { emulateArm64 } from "../../embedded/emulation";
import { crane, runClient } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { observe } from "./history";

const images = ["registry", "python-runtime", "cli"] as const;
const targets = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

/** What `file` says of a program for each target. */
const formats: Record<(typeof targets)[number], RegExp> = {
  linux_amd64: /ELF 64-bit LSB executable, x86-64/,
  linux_arm64: /ELF 64-bit LSB executable, ARM aarch64/,
  darwin_amd64: /Mach-O 64-bit x86_64 executable/,
  darwin_arm64: /Mach-O 64-bit arm64 executable/,
};

interface Result {
  result: string;
  by: string;
  detail?: string;
}

describe("MCP Mesh on the embedded default", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let project: ExampleProject;
  let host: string;
  let release: string;

  before(async function () {
    requireExamples(this);
    requireTools(this, "go", "git", "make", "python3", "file", "tar", "sha256sum", "curl");
    workspace = await ExampleWorkspace.create();
    host = await workspace.registry();
    project = await ExampleProject.copyOf("mcp-mesh", { workspace });
    release = path.join(project.directory, ".slipway/releases/dhyansraj/mcp-mesh/releases");
    await project.upWithoutPreview();
  });

  after(() => workspace?.remove());

  const repositories = () => images.map((name) => `${host}/${name}`);

  it("PROD-03: a second update changes nothing", async () => {
    const before = await observe(repositories());
    assert.deepEqual(Object.keys(resourceCounts(await project.up())), ["unchanged"]);
    assert.deepEqual(await observe(repositories()), before);
  });

  it("MESH-01, MESH-03: three images with the version and latest, each for two platforms", async () => {
    for (const [repository, tags] of await observe(repositories())) {
      assert.deepEqual(Object.keys(tags).sort(), ["1.0", "1.0.0", "latest", "v1.0.0"]);
      assert.equal(new Set(Object.values(tags)).size, 1);
      const { manifests } = JSON.parse(await crane(["manifest", `${repository}:latest`])) as {
        manifests: { platform: { os: string; architecture: string } }[];
      };
      const platforms = manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
      assert.deepEqual(platforms, ["linux/amd64", "linux/arm64"]);
    }
  });

  it("MESH-08, MESH-09, MESH-10: four archives under two names, with both programs, and none for Windows", async () => {
    const listed = await runClient("ls", [path.join(release, "download/v1.0.0")]);
    const archives = listed.split("\n").filter((name) => name.endsWith(".tar.gz"));
    const names = ["latest", "v1.0.0"].flatMap((version) =>
      targets.map((target) => `mcp-mesh_${version}_${target}.tar.gz`),
    );
    assert.deepEqual(archives, names.sort());
    for (const target of targets) {
      const versioned = path.join(release, `download/v1.0.0/mcp-mesh_v1.0.0_${target}.tar.gz`);
      const alias = path.join(release, `latest/download/mcp-mesh_latest_${target}.tar.gz`);
      await runClient("cmp", [versioned, alias]);
      assert.equal(await runClient("tar", ["-tzf", versioned]), "meshctl\nregistry");
      const folder = path.join(workspace.root, target);
      await runClient("mkdir", ["-p", folder]);
      await runClient("tar", ["-xzf", versioned, "-C", folder]);
      for (const program of ["meshctl", "registry"]) {
        await runClient("cmp", [
          path.join(folder, program),
          path.join(project.directory, "dist", target, program),
        ]);
        assert.match(await runClient("file", [path.join(folder, program)]), formats[target]);
        await runClient("test", ["-x", path.join(folder, program)]);
      }
    }
  });

  it("MESH-14: every archive is in the sums, which fail for a flipped byte", async () => {
    const folder = path.join(workspace.root, "sums");
    await runClient("cp", ["-r", path.join(release, "download/v1.0.0"), folder]);
    const check = () => runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
    assert.equal((await check()).split("\n").length, 2 * targets.length);
    await runClient("sh", [
      "-c",
      `printf x >> "$0"`,
      path.join(folder, "mcp-mesh_v1.0.0_linux_amd64.tar.gz"),
    ]);
    await assert.rejects(check());
  });

  it("MESH-11, MESH-12: each platform's programs print the version and help, or are said to be not executed", async () => {
    const { tested } = await project.outputs<{ tested: Record<string, Record<string, Result[]>> }>();
    for (const [program, command] of [
      ["meshctl", "meshctl version"],
      ["registry", "registry --help"],
    ] as const) {
      const results = Object.entries(tested[program] ?? {});
      assert.deepEqual(results.map(([target]) => target.replace("/", "_")).sort(), [...targets].sort());
      for (const [target, found] of results) {
        const [format, run] = found;
        assert.deepEqual([format?.by, format?.result], ["executable format", "passed"]);
        assert.equal(run?.by, command);
        const own = target === `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
        assert.equal(run?.result, own ? "passed" : "not executed", target);
      }
    }
    const own = path.join(workspace.root, process.arch === "arm64" ? "linux_arm64" : "linux_amd64");
    assert.match(await runClient(path.join(own, "meshctl"), ["version"]), /^meshctl v1\.0\.0 \(linux\//);
    assert.match(await runClient(path.join(own, "registry"), ["--version"]), /^registry v1\.0\.0 \(linux\//);
  });

  it("MESH-29: the checklist is recorded, each point with its result", async () => {
    const { checks } = await project.outputs<{ checks: Record<string, Result> }>();
    const result = (name: string) => checks[name]?.result;
    for (const name of [
      "version",
      "changelog",
      "binaries",
      "tests",
      ...images.map((one) => `image-${one}`),
    ]) {
      assert.equal(result(name), "passed", name);
    }
    // There is no remote, and nobody watches: in dev that is recorded and stops nothing.
    for (const name of ["tag-pushed", "run-watched"]) assert.equal(result(name), "failed", name);
    for (const name of images) assert.equal(result(`channel ${host}/${name}:1.0.0`), "passed", name);
  });

  for (const architecture of ["amd64", "arm64"] as const) {
    describe(`the images on ${architecture}`, () => {
      const roots = new Map<string, string>();
      const inside = (name: string, ...command: string[]) =>
        runClient("/usr/sbin/chroot", [roots.get(name) ?? "", ...command], {
          PATH: "/usr/local/bin:/usr/sbin:/usr/bin",
          PYTHONPATH: "/opt/mcp-mesh",
          PYTHONDONTWRITEBYTECODE: "1",
        });

      before(async function () {
        const why = architecture === "arm64" ? emulateArm64() : undefined;
        requirement(this, why === undefined, why ?? "");
        for (const name of images) {
          const folder = path.join(workspace.root, `${name}-${architecture}`);
          await runClient("mkdir", ["-p", folder]);
          await crane([
            "export",
            "--platform",
            `linux/${architecture}`,
            `${host}/${name}:latest`,
            `${folder}.tar`,
          ]);
          await runClient("tar", ["-xf", `${folder}.tar`, "-C", folder]);
          roots.set(name, folder);
        }
      });

      it("MESH-05, MESH-07: print the released version", async () => {
        assert.equal(
          await inside("registry", "/usr/local/bin/registry", "--version"),
          `registry v1.0.0 (linux/${architecture})`,
        );
        assert.equal(
          await inside("cli", "/usr/local/bin/meshctl", "version"),
          `meshctl v1.0.0 (linux/${architecture})`,
        );
        assert.match(await inside("cli", "/usr/bin/python", "--version"), /^Python 3\.11\./);
        assert.equal(
          await inside("python-runtime", "/usr/bin/python", "-m", "mcp_mesh", "--version"),
          "mcp-mesh 1.0.0",
        );
      });

      it("have the very programs of the archive", async () => {
        for (const [image, program] of [
          ["registry", "registry"],
          ["cli", "meshctl"],
        ] as const) {
          const released = path.join(workspace.root, `linux_${architecture}`, program);
          await runClient("cmp", [released, path.join(roots.get(image) ?? "", "usr/local/bin", program)]);
        }
      });
    });
  }

  it("MESH-06, MESH-26: a test builds everything and publishes nothing", async () => {
    const before = await observe(repositories());
    const files = await runClient("find", [release, "-type", "f"]);
    const test = await ExampleProject.copyOf("mcp-mesh", {
      workspace,
      stack: "test",
      folder: "mcp-mesh-test",
      config: {
        environment: "test",
        version: "v1.0.1",
        registry: "registry.example.com",
        builder: "embedded",
        pythonImage: "bases/python:3.11",
        gates: "advisory",
        remote: ".",
      },
    });
    await test.upWithoutPreview();
    assert.deepEqual(await observe(repositories()), before);
    assert.equal(await runClient("find", [release, "-type", "f"]), files);
    const { published } = await test.outputs<{ published: Record<string, { digest: string }> }>();
    for (const name of images) await crane(["manifest", `${host}/${name}@${published[name]?.digest}`]);
    await runClient("test", ["-s", path.join(test.directory, "dist/mcp-mesh_v1.0.1_darwin_arm64.tar.gz")]);
  });
});
