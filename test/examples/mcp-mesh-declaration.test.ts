import assert from "node:assert/strict";
import { declaredTags, mockProgram } from "./mocked-program";

const images = ["registry", "python-runtime", "cli"];
const targets = ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"];

describe("MCP Mesh as its program declares it for prod", function () {
  this.timeout(60_000);
  let token: string | undefined;
  before(() => {
    token = process.env.GITHUB_TOKEN;
    process.env.GITHUB_TOKEN = "of this test only";
  });
  after(() => {
    if (token === undefined) delete process.env.GITHUB_TOKEN;
    else process.env.GITHUB_TOKEN = token;
  });

  const prod = (config: Record<string, string | undefined> = {}) => mockProgram("mcp-mesh", "prod", config);

  /** Names of the archives; other files of the release are placed by the same resource. */
  const archiveNames = (program: Awaited<ReturnType<typeof prod>>) =>
    [...program.ofType("slipway:build:Archive").keys()].filter((name) => name.endsWith("-archive"));

  /** The same tags in each repository. */
  const onDockerHub = (...tags: string[]) =>
    Object.fromEntries(images.map((name) => [`docker.io/mcpmesh/${name}`, tags]));
  const aliases = (minor: string) => [`${minor} highest`, "latest highest"];

  it("G-28: three images in both registries, with both forms of the version", async () => {
    const program = await prod();
    assert.deepEqual(declaredTags(program), onDockerHub("1.0.0 never", "v1.0.0 never", ...aliases("1.0")));
    const mirrors = [...program.ofType("slipway:oci:Mirror").values()];
    assert.deepEqual(
      mirrors.map(({ source, target }) => [source, target]),
      images.map((name) => [`docker.io/mcpmesh/${name}`, `ghcr.io/dhyansraj/mcp-mesh/${name}`]),
    );
  });

  for (const [title, config, tags] of [
    ["a minor version", { version: "v1.1.0" }, ["1.1.0 never", "v1.1.0 never", ...aliases("1.1")]],
    [
      "a pre-release: aliases are declared, and stay where they are",
      { version: "v1.2.0-rc.1" },
      ["1.2.0-rc.1 never", "v1.2.0-rc.1 never", ...aliases("1.2")],
    ],
    ["a rebuild", { rebuilt: "20260131" }, ["1.0.0-20260131 never", ...aliases("1.0")]],
  ] as [string, Record<string, string>, string[]][]) {
    it(`tags of ${title}`, async () => {
      assert.deepEqual(declaredTags(await prod(config)), onDockerHub(...tags));
    });
  }

  it("G-25, G-26, G-27: four archives, each under two names, and a script for Windows", async () => {
    const program = await prod();
    const archives = program.ofType("slipway:build:Archive");
    const script = archives.get("mcp-mesh-windows-windows-amd64-archive");
    assert.deepEqual(
      [script?.path, script?.alsoPaths],
      ["dist/mcp-mesh_v1.0.0_windows_amd64.zip", undefined],
    );
    assert.equal(archiveNames(program).length, targets.length + 1);
    for (const target of targets.map((name) => name.replace("/", "_"))) {
      const archive = archives.get(`mcp-mesh-${target.replace("_", "-")}-archive`);
      assert.equal(archive?.path, `dist/mcp-mesh_v1.0.0_${target}.tar.gz`);
      assert.deepEqual(archive?.alsoPaths, [`dist/mcp-mesh_latest_${target}.tar.gz`]);
    }
  });

  it("MESH-15: wheel and sdist are made by one command, and go to PyPI", async () => {
    const program = await prod({ version: "v1.2.0-rc.1" });
    const files = ["mcp_mesh-1.2.0rc1-py3-none-any.whl", "mcp_mesh-1.2.0rc1.tar.gz"];
    assert.deepEqual(program.ofType("slipway:build:Command").get("python-artifacts")?.outputs, files);
    const release = program.ofType("slipway:pypi:Release").get("mcp-mesh@pypi.org");
    assert.equal(release?.version, "1.2.0rc1");
    assert.deepEqual(release?.index, {
      simple: "https://pypi.org/simple",
      upload: "https://upload.pypi.org/legacy/",
    });
  });

  it("MESH-30: catalogs that others fill are looked at, where the configuration names them", async () => {
    const type = "slipway:channel:Observed";
    assert.equal((await prod()).ofType(type).size, 0);
    const pending = { catalog: "conda-forge", package: "mcp-mesh", expect: "pending" };
    const program = await prod({ observed: JSON.stringify([pending]) });
    const catalog = program.ofType(type).get("conda-forge mcp-mesh");
    assert.deepEqual([catalog?.version, catalog?.expect], ["v1.0.0", "pending"]);
    const gate = program.ofType("slipway:channel:Gate").get("mcp-mesh-channels");
    assert.doesNotMatch(JSON.stringify(gate), /conda-forge/);
  });

  it("the command line's image is built on the runtime of the same release", async () => {
    const program = await prod();
    const order = program.resources.map(({ type, name }) => `${type} ${name}`);
    const base = order.indexOf("slipway:oci:Manifest python-runtime-linux-amd64");
    assert.ok(base >= 0 && base < order.indexOf("docker-build:index:Image cli-linux-amd64"));
    assert.deepEqual(program.ofType("slipway:build:Context").get("cli")?.ownImages, ["python-runtime"]);
  });

  it("lists of the configuration say what is built for", async () => {
    const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
    const program = await prod({
      platforms: JSON.stringify(platforms),
      targets: JSON.stringify(["darwin/arm64"]),
    });
    for (const name of images) {
      assert.deepEqual(program.ofType("slipway:build:Context").get(name)?.platforms, platforms);
    }
    assert.deepEqual(archiveNames(program), [
      "mcp-mesh-windows-windows-amd64-archive",
      "mcp-mesh-darwin-arm64-archive",
    ]);
  });

  it("MESH-04, MESH-06, MESH-11: variables of one run go before the configuration", async () => {
    const variables = {
      DOCKER_PLATFORMS: "linux/amd64,linux/arm/v7",
      PLATFORMS: "linux/amd64,windows/amd64",
      DOCKER_PUSH: "true",
    };
    Object.assign(process.env, variables);
    try {
      const program = await prod({ mode: "build", platforms: JSON.stringify(["linux/amd64"]) });
      for (const name of images) {
        const platforms = program.ofType("slipway:build:Context").get(name)?.platforms;
        assert.deepEqual(platforms, ["linux/amd64", "linux/arm/v7"]);
      }
      assert.deepEqual(archiveNames(program), [
        "mcp-mesh-windows-windows-amd64-archive",
        "mcp-mesh-linux-amd64-archive",
        "mcp-mesh-windows-amd64-archive",
      ]);
      assert.equal(program.ofType("slipway:github:Release").size, 1);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
    const local = await prod({ mode: "build" });
    for (const type of ["slipway:oci:Tags", "slipway:oci:Mirror", "slipway:github:Release"]) {
      assert.equal(local.ofType(type).size, 0, type);
    }
  });

  it("the checklist has eight points: seven kinds of gates, then every channel", async () => {
    const checks = [...(await prod()).ofType("slipway:gate:Check")];
    const points = new Set(checks.map(([name]) => name.replace(/^(image|channel)[- ].*/, "$1")));
    assert.deepEqual(
      [...points].sort(),
      ["binaries", "changelog", "channel", "image", "run-watched", "tag-pushed", "tests", "version"].sort(),
    );
    assert.deepEqual(
      checks.filter(([, { advisory }]) => advisory === true),
      [],
    );
    const channels = checks.map(([name]) => name).filter((name) => name.startsWith("channel "));
    assert.equal(channels.length, images.length * 2 + targets.length);
  });

  it("a test stack declares nothing that publishes", async () => {
    const program = await prod({ environment: "test" });
    for (const type of ["slipway:oci:Tags", "slipway:oci:Mirror", "slipway:github:Release"]) {
      assert.equal(program.ofType(type).size, 0, type);
    }
    assert.ok(program.ofType("slipway:build:Archive").size > 0);
    assert.ok(program.ofType("slipway:trust:Signature").size > 0);
  });
});
