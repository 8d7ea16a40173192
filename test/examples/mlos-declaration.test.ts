import assert from "node:assert/strict";
import { declaredTags, mockProgram, type MockedProgram } from "./mocked-program";

/**
 * What the prod programs declare, without an engine: names, registries, tags, targets and their
 * graph.
 */

const fileNames = (program: MockedProgram) =>
  [...program.ofType("slipway:build:Archive").values()].map(({ path }) => String(path).replace(/^.*\//, ""));

describe("MLOS Core as prod declares it", () => {
  let core: MockedProgram;

  before(async () => {
    core = await mockProgram("mlos-core", "prod");
  });

  it("G-01: is published under a lower-case namespace, and released where the seed says", () => {
    const [tags] = [...core.ofType("slipway:oci:Tags").values()];
    assert.equal(tags?.repository, "ghcr.io/mlos-foundation/mlos-core");
    const [release] = [...core.ofType("slipway:github:Release").values()];
    assert.deepEqual([release?.repository, release?.tag], ["mlOS-foundation/core", "v1.0.0"]);
  });

  it("G-02: the alias `core` and the mirror are copies of one digest, with the same tags", () => {
    const mirrors = [...core.ofType("slipway:oci:Mirror").values()];
    assert.deepEqual(mirrors.map(({ target }) => target).sort(), [
      "docker.io/mlosfoundation/core",
      "docker.io/mlosfoundation/mlos-core",
      "ghcr.io/mlos-foundation/core",
    ]);
    for (const { source, tags } of mirrors) {
      assert.equal(source, "ghcr.io/mlos-foundation/mlos-core");
      assert.deepEqual(
        (tags as { tag: string }[]).map(({ tag }) => tag),
        ["v1.0.0", "latest"],
      );
    }
  });

  for (const [title, config, tags] of [
    ["CORE-04, CORE-05: tags of a patch", { version: "v1.0.1" }, ["v1.0.1 never", "latest highest"]],
    [
      "tags of a pre-release: latest is declared, and stays where it is",
      { version: "v1.2.0-rc.1" },
      ["v1.2.0-rc.1 never", "latest highest"],
    ],
    ["tags of a rebuild", { rebuilt: "20260131" }, ["v1.0.0-20260131 never", "latest highest"]],
  ] as [string, Record<string, string>, string[]][]) {
    it(title, async () => {
      const program = await mockProgram("mlos-core", "prod", config);
      assert.deepEqual(declaredTags(program), { "ghcr.io/mlos-foundation/mlos-core": tags });
      for (const { tags: copied } of program.ofType("slipway:oci:Mirror").values()) {
        const names = (copied as { tag: string; moves: string }[]).map(({ tag, moves }) => `${tag} ${moves}`);
        // A mirror is given what the version takes.
        assert.deepEqual(names, config.version?.includes("-") === true ? tags.slice(0, 1) : tags);
      }
    });
  }

  it("without its field there is no mirror on Docker Hub", async () => {
    const program = await mockProgram("mlos-core", "prod", { dockerHub: undefined });
    const targets = [...program.ofType("slipway:oci:Mirror").values()].map(({ target }) => target);
    assert.deepEqual(targets, ["ghcr.io/mlos-foundation/core"]);
  });

  it("CORE-18: the build command of each target is `make release`, with its GOOS and GOARCH", () => {
    const commands = [...core.ofType("slipway:build:Command").values()];
    assert.equal(commands.length, 5);
    for (const { command, env } of commands) {
      assert.deepEqual((command as string[]).slice(0, 2), ["make", "release"]);
      const { GOOS, GOARCH } = env as Record<string, string>;
      assert.ok(GOOS && GOARCH);
    }
  });

  it("has five archives, none of them for windows/arm64", () => {
    assert.deepEqual(fileNames(core).sort(), [
      "mlos-core_1.0.0_darwin_amd64.tar.gz",
      "mlos-core_1.0.0_darwin_arm64.tar.gz",
      "mlos-core_1.0.0_linux_amd64.tar.gz",
      "mlos-core_1.0.0_linux_arm64.tar.gz",
      "mlos-core_1.0.0_windows_amd64.tar.gz",
    ]);
  });

  it("has its base by digest", () => {
    const [context] = [...core.ofType("slipway:build:Context").values()];
    const { RUNTIME_IMAGE } = context?.buildArgs as Record<string, string>;
    assert.match(String(RUNTIME_IMAGE), /^gcr\.io\/distroless\/static-debian12:nonroot@sha256:[0-9a-f]{64}$/);
  });
});

describe("MLOS Distro as prod declares it", () => {
  let distro: MockedProgram;

  before(async () => {
    distro = await mockProgram("mlos-distro", "prod");
  });

  it("takes the components by version: images into the image, programs of the releases into the bundles", () => {
    const [context] = [...distro.ofType("slipway:build:Context").values()];
    assert.deepEqual(context?.copies, [
      { image: "ghcr.io/mlos-foundation/axon:v1.5.0", from: "/usr/local/bin/axon" },
      { image: "ghcr.io/mlos-foundation/core:v1.0.0", from: "/opt/mlos" },
    ]);
    assert.match(
      String((context?.buildArgs as Record<string, string>).UBUNTU_IMAGE),
      /^docker\.io\/library\/ubuntu:22\.04@sha256:[0-9a-f]{64}$/,
    );
    const assets = [...distro.ofType("slipway:release:Asset").values()].map(
      ({ from, tag, asset }) => `${String(from)} ${String(tag)} ${String(asset)}`,
    );
    const platforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"];
    assert.deepEqual(assets.sort(), [
      ...platforms.map(
        (platform) => `https://github.com/mlOS-foundation/axon v1.5.0 axon_*_${platform}.tar.gz`,
      ),
      ...platforms.map(
        (platform) => `https://github.com/mlOS-foundation/core v1.0.0 mlos-core_*_${platform}.tar.gz`,
      ),
    ]);
  });

  it("G-21: bundles for the platforms that both components have, with the version as it is written, and an installer", () => {
    assert.deepEqual(fileNames(distro).sort(), [
      "install.sh",
      "mlos-v1.0.0_darwin_amd64.tar.gz",
      "mlos-v1.0.0_darwin_arm64.tar.gz",
      "mlos-v1.0.0_linux_amd64.tar.gz",
      "mlos-v1.0.0_linux_arm64.tar.gz",
    ]);
  });

  for (const [title, config, tags] of [
    ["tags of a release", {}, ["v1.0.0 never", "latest highest"]],
    ["tags of a rebuild", { rebuilt: "20260131" }, ["v1.0.0-20260131 never", "latest highest"]],
  ] as [string, Record<string, string>, string[]][]) {
    it(title, async () => {
      const program = await mockProgram("mlos-distro", "prod", config);
      assert.deepEqual(declaredTags(program), { "ghcr.io/mlos-foundation/mlos": tags });
    });
  }

  it("a pre-release takes no alias, and is listed as Testing", async () => {
    const program = await mockProgram("mlos-distro", "prod", { version: "v1.2.0-rc.1" });
    assert.deepEqual(declaredTags(program), {
      "ghcr.io/mlos-foundation/mlos": ["v1.2.0-rc.1 never", "latest highest"],
    });
    const [matrix] = [...program.ofType("slipway:release:VersionMatrix").values()];
    const { version, status } = (matrix?.versions as { version: string; status: string }[]).at(-1) ?? {};
    assert.deepEqual([version, status], ["v1.2.0-rc.1", "Testing"]);
  });

  it("G-19: title and notes", () => {
    const [release] = [...distro.ofType("slipway:github:Release").values()];
    assert.deepEqual(
      [release?.repository, release?.tag, release?.title, release?.notes],
      ["mlOS-foundation/mlos-distro", "v1.0.0", "MLOS v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"],
    );
  });

  it("G-15, DISTRO-16: both component versions are required, and decide the version", async () => {
    for (const key of ["axonVersion", "coreVersion"]) {
      await assert.rejects(
        mockProgram("mlos-distro", "prod", { [key]: undefined }),
        new RegExp(`Missing required configuration variable 'mlos-distro:${key}'`),
      );
    }
    const pair = await mockProgram("mlos-distro", "prod", { axonVersion: "v1.6.0", coreVersion: "v1.0.0" });
    const [release] = [...pair.ofType("slipway:github:Release").values()];
    assert.deepEqual([release?.tag, release?.notes], ["v1.1.0", "Includes Axon v1.6.0 + MLOS Core v1.0.0"]);
  });
});
