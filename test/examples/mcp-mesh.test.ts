import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { emulateArm64 } from "../../lib/buildkit/emulation";
import { EXAMPLES } from "../../tools/examples";
import { lodash } from "../lib/scan/planted";
import { crane, hasProgram, runClient } from "../support/clients";
import { requireDocker, startDocker } from "../support/docker";
import { resourceCounts } from "../support/engine";
import { failed } from "../support/fake-github";
import { installPackage } from "../support/installed-package";
import { CleanEnvironment, requirePythonTools, toolVariables, twineCheck } from "../support/python-packages";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { observe } from "./history";
import { MeshProd, scanWithOwnDatabase } from "./mcp-mesh-prod";
import { writeMeshRelease } from "./mcp-mesh-release";

const images = ["registry", "python-runtime", "cli"] as const;
const targets = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

const distributions = ["mcp_mesh-1.0.0-py3-none-any.whl", "mcp_mesh-1.0.0.tar.gz"] as const;

const registryDockerfile = "packaging/docker/registry.Dockerfile";

/** What `file` says of a program for each target. */
const formats: Record<(typeof targets)[number], RegExp> = {
  linux_amd64: /ELF 64-bit LSB executable, x86-64/,
  linux_arm64: /ELF 64-bit LSB executable, ARM aarch64/,
  darwin_amd64: /Mach-O 64-bit x86_64 executable/,
  darwin_arm64: /Mach-O 64-bit arm64 executable/,
};

/** An index, or the list of what refers to a digest. */
interface Manifests {
  manifests: { digest: string; artifactType?: string }[];
}

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
    requirePythonTools(this);
    workspace = await ExampleWorkspace.shared();
    host = await workspace.registry();
    project = await ExampleProject.copyOf("mcp-mesh", { workspace, env: toolVariables() });
    release = path.join(project.directory, ".slipway/releases/dhyansraj/mcp-mesh/releases");
    await project.upWithoutPreview();
  });

  after(() => workspace?.remove());

  const notes = async () =>
    (JSON.parse(await readFile(path.join(release, "tag/v1.0.0/release.json"), "utf8")) as { notes: string })
      .notes;
  const repositories = () => images.map((name) => `${host}/${name}`);

  it("PROD-01, PROD-03: a second update changes nothing", async () => {
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

  it("MESH-08, MESH-09, MESH-10: four archives under two names, with both programs, and a script for Windows", async () => {
    const listed = await runClient("ls", [path.join(release, "download/v1.0.0")]);
    const archives = listed.split("\n").filter((name) => /^mcp-mesh_.*\.tar\.gz$/.test(name));
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

  it("MESH-14: every released file is in the sums: archives, wheel, sdist, manifests; they fail for a flipped byte", async () => {
    const folder = path.join(workspace.root, "sums");
    await runClient("cp", ["-r", path.join(release, "download/v1.0.0"), folder]);
    const check = () => runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
    const files = (await runClient("ls", [folder])).split("\n");
    const listed = files.filter((name) => !name.startsWith("SHA256SUMS")).map((name) => `${name}: OK`);
    const others = [...distributions, "mcp-mesh.rb", "mcp-mesh.json"];
    for (const name of others) assert.ok(listed.includes(`${name}: OK`), name);
    assert.equal(listed.length, 2 * targets.length + 1 + others.length + images.length * 3 * 2);
    assert.deepEqual((await check()).split("\n").sort(), listed.sort());
    for (const name of ["mcp-mesh_v1.0.0_linux_amd64.tar.gz", ...others]) {
      const file = path.join(folder, name);
      await runClient("sh", ["-c", `cp "$0" "$0.whole" && printf x >> "$0"`, file]);
      await assert.rejects(check(), /1 computed checksum did NOT match/, name);
      await runClient("mv", [`${file}.whole`, file]);
    }
  });

  it("MESH-16, MESH-17, MESH-18: wheel and sdist pass twine check, have both extras, and say the version", async () => {
    const files = distributions.map((name) => path.join(release, "download/v1.0.0", name));
    await twineCheck(files);
    const [wheel = ""] = files;
    const metadata = await runClient("unzip", ["-p", wheel, "mcp_mesh-1.0.0.dist-info/METADATA"]);
    const extras = [...metadata.matchAll(/^Provides-Extra: (.*)$/gm)].map(([, extra]) => extra);
    assert.deepEqual(extras.sort(), ["dev", "kubernetes"]);
    const environment = await CleanEnvironment.make(path.join(workspace.root, "python"));
    await environment.run("pip", ["install", "--no-index", "--no-deps", wheel]);
    const print = "import mcp_mesh; print(mcp_mesh.__version__)";
    assert.equal(await environment.run("python", ["-c", print]), "1.0.0");
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

  it("MESH-11, MESH-31: build-binaries.sh makes the programs of the platforms that it is told, from a folder that has nothing", async () => {
    const own = `linux_${process.arch === "arm64" ? "arm64" : "amd64"}`;
    const checkout = await ExampleProject.copyOf("mcp-mesh", {
      ...{ workspace, folder: "mcp-mesh-scripts", stack: "scripts", env: toolVariables() },
      source: path.join(EXAMPLES, "mcp-mesh"),
    });
    await installPackage(checkout.directory);
    const env = { ...checkout.env, VERSION: "v1.0.1", PLATFORMS: own.replace("_", "/") };
    const script = path.join(checkout.directory, "packaging/scripts/build-binaries.sh");
    await runClient("dash", [script, "--yes", "--skip-preview"], env);
    const dist = path.join(checkout.directory, "dist");
    assert.deepEqual(await readdir(dist), [own]);
    assert.deepEqual((await readdir(path.join(dist, own))).sort(), ["meshctl", "registry"]);
    assert.match(
      await runClient(path.join(dist, own, "meshctl"), ["version"]),
      /^meshctl v1\.0\.1 \(linux\//,
    );
  });

  it("MESH-12: the notes of the release list what was seen of each program on each platform", async () => {
    const own = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
    const rows = ["meshctl", "registry"].flatMap((program) =>
      targets.flatMap((target) => {
        const platform = target.replace("_", "/");
        const command = program === "meshctl" ? "meshctl version" : "registry --help";
        return [
          `| ${program} | ${platform} | executable format | passed |`,
          `| ${program} | ${platform} | ${command} | ${platform === own ? "passed" : "not executed"} |`,
        ];
      }),
    );
    const listed = (await notes()).split("\n").filter((line) => /^\| (meshctl|registry) /.test(line));
    assert.deepEqual(listed.sort(), rows.sort());
  });

  it("MESH-13: the notes and the README tell users of Windows to use Docker or WSL2, and the command runs", async function () {
    const [, command = ""] =
      /## Windows\n[^]*?Docker, or in WSL2[^]*?```sh\n(.*)\n```/.exec(await notes()) ?? [];
    assert.equal(command, `docker run --rm ${host}/cli:1.0.0 version`);
    assert.match(
      await project.read("README.md"),
      /On Windows use Docker, or WSL2[^]*?docker run --rm mcpmesh\/cli:latest version/,
    );
    requireDocker(this);
    const engine = await startDocker();
    try {
      // The engine of a test has no network of its own to give to containers.
      const [, ...run] = command.replace("--rm", "--rm --network none").split(" ");
      assert.match(await engine.docker(...run), /^meshctl v1\.0\.0 \(linux\//);
    } finally {
      await engine.stop();
    }
  });

  it("MESH-19: MESH-20: Homebrew and Scoop are told of the archives by their sums; the formula's test runs the program", async () => {
    const shown = (name: string, file: string) =>
      runClient("git", ["-C", path.join(project.directory, ".slipway", name), "show", `main:${file}`]);
    const formula = await shown("tap.git", "Formula/mcp-mesh.rb");
    for (const target of targets) {
      const name = `mcp-mesh_v1.0.0_${target}.tar.gz`;
      const sum = (await runClient("sha256sum", [path.join(release, "download/v1.0.0", name)])).slice(0, 64);
      const url = `http://localhost:8000/dhyansraj/mcp-mesh/releases/download/v1.0.0/${name}`;
      assert.match(formula, new RegExp(`url "${url}"\\s+sha256 "${sum}"`));
    }
    assert.equal(await runClient("cat", [path.join(release, "download/v1.0.0/mcp-mesh.rb")]), formula);
    assert.match(formula, /assert_match "v1\.0\.0", shell_output\("#\{bin\}\/meshctl version"\)/);
    const manifest = JSON.parse(await shown("bucket.git", "bucket/mcp-mesh.json")) as {
      architecture: Record<string, { url: string; hash: string; bin: string[] }>;
    };
    const script = manifest.architecture["64bit"];
    const zip = path.join(release, "download/v1.0.0", path.basename(script?.url ?? ""));
    assert.equal((await runClient("sha256sum", [zip])).slice(0, 64), script?.hash);
    assert.deepEqual(script?.bin, ["meshctl.cmd"]);
    assert.match(await runClient("unzip", ["-p", zip, "meshctl.cmd"]), /^@docker run .*\/cli:1\.0\.0 %\*/);
  });

  it("MESH-29: the checklist is recorded, each point with its result", async () => {
    const { checks } = await project.outputs<{ checks: Record<string, Result> }>();
    const result = (name: string) => checks[name]?.result;
    for (const name of [
      "version",
      "changelog",
      "binaries",
      "tests",
      ...images.map((one) => `image ${one}`),
    ]) {
      assert.equal(result(name), "passed", name);
    }
    // There is no remote, and nobody watches: in dev that is recorded and stops nothing.
    for (const name of ["tag-pushed", "run-watched"]) assert.equal(result(name), "failed", name);
    for (const name of images) assert.equal(result(`channel ${host}/${name}`), "passed", name);
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

  describe("adding to it is one entry", () => {
    for (const [what, before, after, own, expected] of [
      [
        "G-26: a target",
        `  "darwin/arm64",\n`,
        `  "darwin/arm64",\n  "windows/amd64",\n`,
        /windows.amd64/,
        ["mcp-mesh-windows-amd64-archive", "meshctl-windows-amd64", "registry-windows-amd64"],
      ],
      [
        "an image",
        "  images: {\n",
        `  images: {\n    tool: { dockerfile: "packaging/docker/cli.Dockerfile", base: "python-runtime", contexts: { program: { binary: "meshctl" } } },\n`,
        /\btool\b/,
        ["tool-linux-amd64", "tool-linux-arm64", "tool:version-tags", "tool:aliases", "image tool"],
      ],
      [
        "a platform",
        `["linux/amd64", "linux/arm64"]`,
        `["linux/amd64", "linux/arm64", "linux/arm/v7"]`,
        /linux-arm-v7/,
        images.map((name) => `${name}-linux-arm-v7`),
      ],
    ] as const) {
      it(what, async () => {
        const program = await project.read("index.ts");
        assert.ok(program.includes(before));
        const python = "src/runtime/python/src/mcp_mesh/__init__.py";
        const module = await project.read(python);
        await project.edit("index.ts", program.replace(before, after));
        await writeMeshRelease(project, "1.1.0", ["version"]);
        // A published version keeps its files: what is more comes with the next.
        const next = ["--config", "mcp-mesh:version=v1.1.0"];
        const { code, text } = await project.run(["preview", "--stack", "dev", "--json", ...next]);
        await project.write({ "index.ts": program, [python]: module });
        assert.equal(code, 0, text.slice(text.indexOf('"diagnostics"')));
        const { steps } = JSON.parse(text.slice(text.indexOf("{"))) as {
          steps: { op: string; urn: string }[];
        };
        const names = (op: string) =>
          steps.filter((step) => step.op === op).map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
        for (const name of expected) assert.ok(names("create").includes(name), name);
        assert.deepEqual(
          names("create").filter((name) => !own.test(name)),
          [],
        );
        assert.deepEqual([...names("delete"), ...names("replace")], []);
      });
    }
  });

  describe("prod, with its endpoints redirected by configuration alone", () => {
    let place: MeshProd;
    let prod: ExampleProject;

    before(async function () {
      requireTools(this, "trivy", "trivy-database");
      place = await MeshProd.start(workspace);
      prod = place.project;
    });
    after(() => place?.stop());

    const onDockerHub = () => images.map((name) => `${place.dockerHub.host}/mcpmesh/${name}`);
    const onGhcr = () => images.map((name) => `${place.ghcr.host}/dhyansraj/mcp-mesh/${name}`);
    const manifestPlaces = [
      { repository: "tap.git", file: "Formula/mcp-mesh.rb" },
      { repository: "bucket.git", file: "bucket/mcp-mesh.json" },
    ] as const;
    const inGit = (repository: string, ...command: string[]) =>
      runClient("git", ["-C", path.join(prod.directory, ".slipway", repository), ...command]);
    /** Formula and manifest, as tap and bucket have them. */
    const shownManifests = () =>
      Promise.all(manifestPlaces.map(({ repository, file }) => inGit(repository, "show", `main:${file}`)));
    /** What index, tap and bucket have. */
    const given = async () => ({
      packages: (await readdir(place.packages)).sort(),
      commits: await Promise.all(
        manifestPlaces.map(({ repository }) => inGit(repository, "rev-parse", "main")),
      ),
    });
    const tagsOf = async (list: readonly string[]) => [...(await observe(list)).values()];
    const preview = async () => prod.run(["preview", "--stack", "prod", ...(await place.policies())]);
    const unset = (key: string) => prod.succeed(["config", "rm", key, "--stack", "prod"]);
    /** A run that is told the version, as one that is started by hand. */
    const runs = (version: string) => ["--stack", "prod", "--config", `mcp-mesh:version=${version}`];

    it("MESH-22: a missing token stops before anything is published, whichever it is", async () => {
      const isUntouched = async () => {
        assert.deepEqual(await tagsOf([...onDockerHub(), ...onGhcr()]), Array(6).fill({}));
        assert.deepEqual(place.github.writes(), []);
        assert.deepEqual(await readdir(place.packages), []);
      };
      assert.match(await prod.failingUp(), /GITHUB_TOKEN/);
      await isUntouched();
      prod.env.GITHUB_TOKEN = place.github.token;
      const text = await prod.failingUp();
      assert.match(text, /nothing is published yet[^]*there is no token for upload\.pypi\.org/);
      await isUntouched();
      await place.redirectPypi();
      prod.env.DOCKER_HUB_USERNAME = "mcpmesh";
      assert.match(await prod.failingUp(), /set DOCKER_HUB_ACCESS_TOKEN in the environment/);
      await isUntouched();
      prod.env.DOCKER_HUB_USERNAME = "";
      assert.match(
        await prod.failingUp(),
        new RegExp(`${place.dockerHub.host}[^]*(401|insufficient_scope|denied)`),
      );
      await isUntouched();
      place.signIn();
    });

    for (const [rule, break_, mend] of [
      [
        "promoted-tags-are-scanned",
        () => unset("scan"),
        async () => prod.set("scan", await scanWithOwnDatabase(workspace)),
      ],
      [
        "allowed-registries",
        () => prod.set("namespace", "somebody-else"),
        () => prod.set("namespace", "mcpmesh"),
      ],
      [
        "non-root-user",
        () => prod.edit(registryDockerfile, (text) => text.replace("USER 65532:65532\n", "")),
        () =>
          cp(
            path.join(EXAMPLES, "mcp-mesh", registryDockerfile),
            path.join(prod.directory, registryDockerfile),
          ),
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

    it("MESH-28: a fixable critical finding in one image stops the release", async () => {
      for (const [file, text] of Object.entries(lodash.files))
        await prod.write({ [`src/runtime/python/src/${file}`]: text });
      const text = await prod.failingUp();
      for (const architecture of ["amd64", "arm64"])
        assert.match(text, new RegExp(`linux/${architecture}[^]*${lodash.cve}`));
      assert.match(text, /python-runtime/);
      await rm(path.join(prod.directory, "src/runtime/python/src/app"), { recursive: true });
      assert.deepEqual(
        (await tagsOf([...onDockerHub(), ...onGhcr()])).map((tags) => Object.keys(tags)),
        Array(6).fill([]),
      );
      assert.deepEqual(place.github.writes(), []);
    });

    it("MESH-02, MESH-30, PROD-08: the policy pack passes, both registries get the digests of dev, and every channel is checked", async () => {
      await prod.succeed(["up", "--yes", "--stack", "prod", ...(await place.policies())]);
      const dev = await tagsOf(repositories());
      assert.deepEqual(await tagsOf(onDockerHub()), dev);
      assert.deepEqual(await tagsOf(onGhcr()), dev);
      const { checks } = await prod.outputs<{ checks: Record<string, Result> }>();
      for (const [name, { result }] of Object.entries(checks)) assert.equal(result, "passed", name);
      const channels = Object.keys(checks).filter((name) => name.startsWith("channel "));
      const places = [...onDockerHub(), ...onGhcr()].map((repository) => `channel ${repository}`);
      const downloads = targets.map((target) => `channel ${target.replace("_", "/")}`);
      assert.deepEqual(channels.sort(), [...places, ...downloads].sort());
      const others = ["channel-pypi", "channel-homebrew", "channel-scoop"];
      for (const name of others) assert.ok(name in checks, name);
      assert.equal(Object.keys(checks).length, 9 + others.length + channels.length);
      const url = `${place.github.url}/dhyansraj/mcp-mesh/releases/latest/download/mcp-mesh_latest_darwin_arm64.tar.gz`;
      const file = path.join(workspace.root, "downloaded.tar.gz");
      await runClient("curl", ["-fsSL", "-o", file, url]);
      await runClient("cmp", [
        file,
        path.join(release, "latest/download/mcp-mesh_latest_darwin_arm64.tar.gz"),
      ]);
    });

    it("MESH-15, MESH-16, MESH-18, MESH-30: pip gets wheel and sdist from the index, with their extras", async () => {
      const environment = await CleanEnvironment.make(path.join(workspace.root, "pip"));
      for (const [kind, file] of [
        ["--only-binary", distributions[0]],
        ["--no-binary", distributions[1]],
      ] as const) {
        const folder = path.join(workspace.root, kind);
        await mkdir(folder);
        const options = [kind, ":all:", "--no-deps", "--no-build-isolation", "--dest", folder];
        await environment.download(place.pypi, ...options, "mcp-mesh==1.0.0");
        assert.deepEqual(await readdir(folder), [file]);
        const released = `${place.github.url}/dhyansraj/mcp-mesh/releases/download/v1.0.0/${file}`;
        await runClient("curl", ["-fsSL", "-o", `${folder}.released`, released]);
        await runClient("cmp", [`${folder}.released`, path.join(folder, file)]);
      }
      await environment.install(place.pypi, "--no-deps", "mcp-mesh[kubernetes,dev]==1.0.0");
      const print = "import mcp_mesh; print(mcp_mesh.__version__)";
      assert.equal(await environment.run("python", ["-c", print]), "1.0.0");
      assert.match(await environment.run("mcp-mesh", ["--version"]), /1\.0\.0/);
    });

    it("MESH-19, MESH-20, MESH-30: formula and manifest name what GitHub has, by its sums, and Ruby reads the formula", async function () {
      const [formula = "", written = ""] = await shownManifests();
      const manifest = JSON.parse(written) as {
        version: string;
        architecture: Record<string, { url: string; hash: string }>;
      };
      assert.match(formula, /version "1\.0\.0"/);
      assert.equal(manifest.version, "1.0.0");
      const pairs = [
        ...[...formula.matchAll(/url "([^"]+)"\s+sha256 "([0-9a-f]{64})"/g)].map(([, ...pair]) => pair),
        ...Object.values(manifest.architecture).map(({ url, hash }) => [url, hash]),
      ];
      assert.equal(pairs.length, targets.length + 1);
      for (const [url = "", sum = ""] of pairs) {
        const file = path.join(workspace.root, "asset");
        await runClient("curl", ["-fsSL", "-o", file, url]);
        assert.equal((await runClient("sha256sum", [file])).slice(0, 64), sum, url);
      }
      requirement(this, hasProgram("ruby"), "ruby is not installed (apt-get install ruby)");
      const file = path.join(workspace.root, "mcp-mesh.rb");
      await runClient("sh", ["-c", `printf '%s\n' "$1" > "$0"`, file, formula]);
      await runClient("ruby", ["-wc", file]);
    });

    it("MESH-28: every image has a report for each platform, in both registries", async () => {
      for (const repository of [...onDockerHub(), ...onGhcr()]) {
        const index = JSON.parse(await crane(["manifest", `${repository}:1.0.0`])) as Manifests;
        assert.equal(index.manifests.length, 2);
        for (const { digest } of index.manifests) {
          const listed = await crane(["manifest", `${repository}:${digest.replace(":", "-")}`]);
          const kinds = (JSON.parse(listed) as Manifests).manifests.map(({ artifactType }) => artifactType);
          assert.ok(kinds.includes("application/sarif+json"), `${repository}@${digest}: ${kinds.join()}`);
        }
      }
    });

    it("MESH-25: what somebody has deleted comes back, and the release that is there stays", async () => {
      const published = place.repository.published("v1.0.0");
      assert.ok(published);
      const { id, createdAt, publishedAt } = published;
      const before = await tagsOf(onGhcr());
      place.repository.removeAsset(published, "mcp-mesh_latest_linux_arm64.tar.gz");
      const [gone = ""] = onGhcr();
      await crane(["delete", `${gone}@${await crane(["digest", `${gone}:latest`])}`]);
      assert.notDeepEqual(await tagsOf(onGhcr()), before);
      const manifests = await shownManifests();
      for (const { repository } of manifestPlaces)
        await inGit(repository, "update-ref", "-d", "refs/heads/main");
      await rm(path.join(place.packages, distributions[0]));
      await prod.upWithoutPreview();
      assert.deepEqual(await shownManifests(), manifests);
      assert.deepEqual((await readdir(place.packages)).sort(), distributions);
      assert.deepEqual(await tagsOf(onGhcr()), before);
      const again = place.repository.published("v1.0.0");
      assert.deepEqual([again?.id, again?.createdAt, again?.publishedAt], [id, createdAt, publishedAt]);
      assert.ok(again?.assets.some(({ name }) => name === "mcp-mesh_latest_linux_arm64.tar.gz"));
    });

    for (const [what, key, value] of [
      ["MESH-26: environment=test builds everything and publishes nothing", "environment", "test"],
      ["MESH-06: a local build publishes nothing", "mode", "build"],
    ] as const) {
      it(what, async () => {
        await writeMeshRelease(prod, "1.0.2");
        await prod.set(key, value);
        const written = place.watch();
        const before = await given();
        await prod.succeed(["up", "--yes", "--skip-preview", ...runs("v1.0.2")]);
        assert.deepEqual(written(), []);
        assert.deepEqual(await given(), before);
        const { published } = await prod.outputs<{ published: Record<string, { digest: string }> }>();
        for (const name of images) await crane(["manifest", `${host}/${name}@${published[name]?.digest}`]);
        const built = path.join(prod.directory, "dist");
        for (const name of [
          "mcp-mesh_v1.0.2_darwin_arm64.tar.gz",
          "mcp_mesh-1.0.2-py3-none-any.whl",
          "mcp_mesh-1.0.2.tar.gz",
        ]) {
          await runClient("test", ["-s", path.join(built, name)]);
        }
        assert.match(await readFile(path.join(built, "mcp-mesh.rb"), "utf8"), /version "1\.0\.2"/);
        assert.match(await readFile(path.join(built, "mcp-mesh.json"), "utf8"), /"version": "1\.0\.2"/);
        if (key === "environment") await unset(key);
      });
    }

    it("MESH-06, MESH-24, MESH-27: DOCKER_PUSH=true publishes the version that the run is told; what GitHub refuses comes with the next", async () => {
      prod.env.DOCKER_PUSH = "true";
      const asset = /assets\?name=mcp-mesh_v1\.0\.2_darwin_arm64\.tar\.gz/;
      place.github.faults.push({ path: asset, answer: failed(403, "not now") });
      const text = await prod.fail(["up", "--yes", "--skip-preview", ...runs("v1.0.2")]);
      assert.match(text, /not now/);
      const hub = await tagsOf(onDockerHub());
      for (const tags of hub) assert.equal(tags["1.0.2"], tags.latest);
      assert.equal(place.repository.published("v1.0.2"), undefined, "half of a release can be seen");
      const written = place.watch();
      await place.stopIndex();
      const withoutIndex = await prod.fail(["up", "--yes", "--skip-preview", ...runs("v1.0.2")]);
      assert.match(withoutIndex, /1 of 3 channels have not got the release; everything else is published/);
      assert.deepEqual(
        written().filter((line) => line.includes(place.dockerHub.host)),
        [],
      );
      assert.deepEqual(await tagsOf(onDockerHub()), hub);
      assert.deepEqual(await tagsOf(onGhcr()), hub);
      const names = place.repository.published("v1.0.2")?.assets.map(({ name }) => name) ?? [];
      for (const target of targets) assert.ok(names.includes(`mcp-mesh_v1.0.2_${target}.tar.gz`), target);
    });

    it("MESH-27: PyPI, which was down, gets the release by the next run, which changes nothing else; a third changes nothing", async () => {
      const { packages, commits } = await given();
      assert.deepEqual(packages, distributions);
      // Somebody has uploaded one of them by hand.
      const [, sdist] = distributions.map((name) => name.replace("1.0.0", "1.0.2"));
      await cp(path.join(prod.directory, "dist", sdist ?? ""), path.join(place.packages, sdist ?? ""));
      await place.startIndex();
      const written = place.watch();
      await prod.succeed(["up", "--yes", "--skip-preview", ...runs("v1.0.2")]);
      assert.deepEqual(written(), []);
      const both = ["1.0.0", "1.0.2"].flatMap((version) =>
        distributions.map((name) => name.replace("1.0.0", version)),
      );
      assert.deepEqual(await given(), { packages: both.sort(), commits });
      assert.deepEqual(
        Object.keys(resourceCounts(await prod.succeed(["up", "--yes", "--skip-preview", ...runs("v1.0.2")]))),
        ["unchanged"],
      );
    });

    it("MESH-22: leaves no token and no password in the state", async () => {
      const state = await prod.state();
      for (const secret of place.secrets) assert.ok(!state.includes(secret));
    });
  });
});
