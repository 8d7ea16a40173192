import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { emulateArm64 } from "../../embedded/emulation";
import { generateKeyPairFiles } from "../../sigstore";
import { crane, runClient } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools, toolPath } from "../support/tools";
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

  describe("prod, with its endpoints redirected by configuration alone", () => {
    const password = "of this test only";
    let dockerHub: TestRegistry;
    let ghcr: TestRegistry;
    let github: FakeGitHub;
    let repository: FakeRepository;
    let prod: ExampleProject;

    before(async function () {
      requireTools(this, "trivy");
      [dockerHub, ghcr, github] = await Promise.all([
        startDistribution(),
        startDistribution(),
        FakeGitHub.start(),
      ]);
      repository = github.repository("dhyansraj/mcp-mesh");
      prod = await ExampleProject.copyOf("mcp-mesh", {
        workspace,
        stack: "prod",
        folder: "mcp-mesh-prod",
        config: {
          registry: dockerHub.host,
          ghcr: `${ghcr.host}/dhyansraj/mcp-mesh`,
          github: github.url,
          downloads: `${github.url}/dhyansraj/mcp-mesh/releases`,
          builder: "embedded",
          pythonImage: `bases/python:3.11@${await crane(["digest", `${host}/bases/python:3.11`])}`,
          commit: "0123456789abcdef0123456789abcdef01234567",
          scan: JSON.stringify({
            kinds: ["secret"],
            scanner: { name: "trivy", offline: true, databaseDirectory: "none" },
          }),
          remote: ".",
          watchedBy: "the test",
        },
        env: {
          COSIGN_PASSWORD: password,
          GITHUB_TOKEN: "",
          GH_TOKEN: "",
          PATH: [path.dirname(toolPath("trivy")), workspace.env.PATH].join(path.delimiter),
        },
      });
      const pair = await generateKeyPairFiles(password);
      await prod.write({ "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey });
      const git = ["-C", prod.directory, "-c", "user.name=test", "-c", "user.email=test@example.com"];
      await runClient("git", [...git, "init", "--quiet"]);
      await runClient("git", [...git, "commit", "--quiet", "--allow-empty", "--message", "all of it"]);
      await runClient("git", [...git, "tag", "v1.0.0"]);
    });
    after(() => Promise.all([dockerHub?.stop(), ghcr?.stop(), github?.stop()]));

    const onDockerHub = () => images.map((name) => `${dockerHub.host}/mcpmesh/${name}`);
    const onGhcr = () => images.map((name) => `${ghcr.host}/dhyansraj/mcp-mesh/${name}`);
    const tagsOf = async (list: readonly string[]) => [...(await observe(list)).values()];

    /** The policy pack with the example's configuration, for the redirected names. */
    async function policies(): Promise<string[]> {
      const text = await readFile(path.join(prod.directory, "policies.json"), "utf8");
      const redirected = text
        .replaceAll("docker.io/library/python", "*/bases/python")
        .replaceAll("docker.io/", `${dockerHub.host}/`)
        .replaceAll("ghcr.io/", `${ghcr.host}/`);
      await prod.write({ "redirected.json": redirected });
      const pack = path.join(workspace.root, "policies");
      return ["--policy-pack", pack, "--policy-pack-config", path.join(prod.directory, "redirected.json")];
    }

    const preview = async () => prod.run(["preview", "--stack", "prod", ...(await policies())]);

    it("MESH-22: a missing token stops before anything is published", async () => {
      assert.match(await prod.failingUp(), /GITHUB_TOKEN/);
      assert.deepEqual(await tagsOf([...onDockerHub(), ...onGhcr()]), Array(6).fill({}));
      assert.deepEqual(github.writes(), []);
      prod.env.GITHUB_TOKEN = github.token;
    });

    for (const [rule, break_, mend] of [
      [
        "promoted-tags-are-scanned",
        () => prod.succeed(["config", "rm", "scan", "--stack", "prod"]),
        () =>
          prod.set(
            "scan",
            JSON.stringify({
              kinds: ["secret"],
              scanner: { name: "trivy", offline: true, databaseDirectory: "none" },
            }),
          ),
      ],
      [
        "allowed-registries",
        () => prod.set("namespace", "somebody-else"),
        () => prod.set("namespace", "mcpmesh"),
      ],
    ] as const) {
      it(`PROD-05, PROD-06: is refused by ${rule}`, async () => {
        await break_();
        const { code, text } = await preview();
        await mend();
        assert.notEqual(code, 0);
        assert.match(text, new RegExp(`\\[mandatory\\].*${rule}`));
      });
    }

    it("MESH-02, PROD-08: the policy pack passes, and both registries get the digests of dev", async () => {
      await prod.succeed(["up", "--yes", "--stack", "prod", ...(await policies())]);
      const dev = await tagsOf(repositories());
      assert.deepEqual(await tagsOf(onDockerHub()), dev);
      assert.deepEqual(await tagsOf(onGhcr()), dev);
      const { checks } = await prod.outputs<{ checks: Record<string, Result> }>();
      for (const [name, { result }] of Object.entries(checks)) assert.equal(result, "passed", name);
      assert.equal(Object.keys(checks).length, 9 + 6 + 4);
      const url = `${github.url}/dhyansraj/mcp-mesh/releases/latest/download/mcp-mesh_latest_darwin_arm64.tar.gz`;
      const file = path.join(workspace.root, "downloaded.tar.gz");
      await runClient("curl", ["-fsSL", "-o", file, url]);
      await runClient("cmp", [
        file,
        path.join(release, "latest/download/mcp-mesh_latest_darwin_arm64.tar.gz"),
      ]);
    });

    it("MESH-25: what somebody has deleted comes back into the release that is there", async () => {
      const published = repository.published("v1.0.0");
      assert.ok(published);
      const { id, createdAt, publishedAt } = published;
      repository.removeAsset(published, "mcp-mesh_latest_linux_arm64.tar.gz");
      await prod.upWithoutPreview();
      const again = repository.published("v1.0.0");
      assert.deepEqual([again?.id, again?.createdAt, again?.publishedAt], [id, createdAt, publishedAt]);
      assert.ok(again?.assets.some(({ name }) => name === "mcp-mesh_latest_linux_arm64.tar.gz"));
    });

    it("MESH-27: a registry that is down gets what it lacks by the next run, and nothing else is done again", async () => {
      const edit = (file: string, from: string, to: string) =>
        prod.edit(file, (text) => text.replace(from, to));
      await edit("src/runtime/python/src/mcp_mesh/__init__.py", `"1.0.0"`, `"1.0.1"`);
      await edit("CHANGELOG.md", "# Changes\n", "# Changes\n\n## [1.0.1]\n\n- Better.\n");
      await runClient("git", ["-C", prod.directory, "tag", "v1.0.1"]);
      await prod.set("version", "v1.0.1");
      const before = await tagsOf(onGhcr());
      await ghcr.suspend();
      const text = await prod.failingUp();
      await ghcr.resume();
      assert.ok(text.includes(ghcr.host), text);
      const hub = await tagsOf(onDockerHub());
      for (const tags of hub) assert.equal(tags["1.0.1"], tags.latest);
      assert.deepEqual(await tagsOf(onGhcr()), before);
      const asset = repository.published("v1.0.1")?.id;
      assert.ok(asset);
      await prod.upWithoutPreview();
      assert.deepEqual(await tagsOf(onGhcr()), hub);
      assert.deepEqual(await tagsOf(onDockerHub()), hub);
      assert.equal(repository.published("v1.0.1")?.id, asset);
      github.forget();
      assert.deepEqual(Object.keys(resourceCounts(await prod.upWithoutPreview())), ["unchanged"]);
      assert.deepEqual(github.writes(), []);
    });

    it("MESH-22: leaves no token and no password in the state", async () => {
      const state = await prod.state();
      assert.ok(!state.includes(github.token));
      assert.ok(!state.includes(password));
    });
  });
});
