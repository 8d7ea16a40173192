import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { tagDigests } from "./observation";

/** A distribution of two components whose version follows from theirs, and which is Stable only after their test. */
function program(registry: string): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { Check, describeComponents, directoryRelease, Distribution, nextRow, Registry, semverTags } from "@slipway";
import { VersionMatrix } from "@slipway/sdk";

const config = new pulumi.Config();
const components = [{ name: "Axon", compatible: ">=1.5.0 <2.0.0" }, { name: "MLOS Core", compatible: "^1.0.0" }];
const first = { Axon: "v1.5.0", "MLOS Core": "v1.0.0" };
const versions = [{ version: "v1.0.0", components: first, status: "Stable" as const }];
const candidate = { Axon: config.require("axon"), "MLOS Core": config.require("core") };
const ranges = Object.fromEntries(components.map(({ name, compatible }) => [name, compatible]));
const { version } = nextRow(versions, candidate, [], { ranges });
const make = { sources: ["Makefile"], executable: false };

const mlos = new Distribution("mlos", {
  version,
  registries: [new Registry({ endpoint: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: {
    mlos: {
      files: [{ target: "/axon.txt", content: candidate.Axon }],
      labels: { "org.mlos.version": version, "org.mlos.components": describeComponents(candidate) },
    },
  },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  binaries: {
    "mlos-core": { ...make, command: ["make", "release", "OUT={output}/mlos-core"], targets: ["linux/amd64", "darwin/amd64", "windows/amd64"] },
    axon: { ...make, command: ["make", "release", "OUT={output}/axon"], targets: ["linux/amd64", "darwin/amd64"] },
  },
  archives: {
    mlos: {
      name: "mlos-{tag}_{os}_{arch}",
      files: [
        { path: "bin/mlos-core", binary: "mlos-core" },
        { path: "bin/axon", binary: "axon" },
        { path: "config/mlos.yaml", content: "mlos: {}\\n" },
        { path: "config/axon.yaml", content: "axon: {}\\n" },
        { path: "README.md", content: "# mlos\\n" },
      ],
    },
  },
  gates: (_images, options) => {
    const test = new Check(
      "compatibility",
      { command: { command: ["sh", "-c", "test " + candidate.Axon + " != v1.5.9"] }, triggers: [JSON.stringify(candidate)], advisory: true },
      options,
    );
    const matrix = new VersionMatrix(
      "versions",
      {
        name: "MLOS",
        components,
        versions: [...versions, { version, components: candidate, status: "Stable" as const }].slice(version === "v1.0.0" ? 1 : 0),
        tested: [{ components: first, result: "passed" }, { components: candidate, result: test.result }],
        candidate,
      },
      options,
    );
    return [test, matrix];
  },
  release: directoryRelease({
    directory: "public",
    tag: "mlos-distro-{tag}",
    title: "MLOS {tag}",
    notesTemplate: "Includes " + describeComponents(candidate),
  }),
});
export const artefacts = mlos.artefacts;
`;
}

/** GOOS and GOARCH come from the target. */
const makefile = `release:\n\tprintf '#!/bin/sh\\necho %s %s\\n' "$(GOOS)" "$(GOARCH)" > $(OUT)\n`;

describe("a distribution of components, through the engine", function () {
  this.timeout(200_000);
  let registry: TestRegistry;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "make", "tar", "sha256sum");
    registry = await startDistribution();
    project = await EngineProject.create({
      program: program(registry.host),
      files: { Makefile: makefile },
      config: { axon: "v1.5.0", core: "v1.0.0" },
    });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const record = async (tag: string) =>
    JSON.parse(await project.read(`public/releases/tag/${tag}/release.json`)) as {
      title: string;
      notes: string;
    };

  it("CORE-18: DISTRO-06: DISTRO-07: DISTRO-09: bundles of two components, made by `make release`, with their sums", async () => {
    await project.upWithoutPreview();
    const folder = path.join(project.directory, "public/releases/download/mlos-distro-v1.0.0");
    const check = await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
    assert.equal(check, "mlos-v1.0.0_darwin_amd64.tar.gz: OK\nmlos-v1.0.0_linux_amd64.tar.gz: OK");
    for (const os of ["linux", "darwin"]) {
      const target = await mkdtemp(path.join(tmpdir(), "slipway-bundle-"));
      try {
        await runClient("tar", ["-xzf", path.join(folder, `mlos-v1.0.0_${os}_amd64.tar.gz`), "-C", target]);
        const files = await runClient("sh", ["-c", `cd "$0" && find . -type f | sort`, target]);
        assert.equal(
          files,
          "./README.md\n./bin/axon\n./bin/mlos-core\n./config/axon.yaml\n./config/mlos.yaml",
        );
        for (const name of ["axon", "mlos-core"]) {
          assert.equal(await runClient(path.join(target, "bin", name), []), `${os} amd64`);
        }
      } finally {
        await rm(target, { recursive: true, force: true });
      }
    }
  });

  it("DISTRO-10: DISTRO-17: release, label and VERSIONS.md agree", async () => {
    const { title, notes } = await record("mlos-distro-v1.0.0");
    assert.deepEqual([title, notes], ["MLOS v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"]);
    const config = JSON.parse(await crane(["config", `${registry.host}/mlos:v1.0.0`])) as {
      config: { Labels: Record<string, string> };
    };
    assert.equal(config.config.Labels["org.mlos.version"], "v1.0.0");
    assert.equal(config.config.Labels["org.mlos.components"], "Axon v1.5.0 + MLOS Core v1.0.0");
    const versions = await readFile(path.join(project.directory, "VERSIONS.md"), "utf8");
    assert.match(
      versions,
      /Current stable version: \*\*v1\.0\.0\*\* \(Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\)/,
    );
  });

  it("DISTRO-15: DISTRO-18: one changed component version changes tag, notes and matrix in the preview", async () => {
    await project.configure({ axon: "v1.5.1" });
    const preview = await project.preview();
    assert.match(preview, /mlos-distro-v1\.0\.0" => "mlos-distro-v1\.0\.1"/);
    assert.match(preview, /Includes Axon v1\.5\.1 \+ MLOS Core v1\.0\.0/);
    assert.match(preview, /v1\.0\.1: "sha256:/);
    assert.match(preview, /slipway:release:VersionMatrix/);
    await project.upWithoutPreview();
    assert.equal((await record("mlos-distro-v1.0.1")).notes, "Includes Axon v1.5.1 + MLOS Core v1.0.0");
    assert.match(
      await project.read("VERSIONS.md"),
      /^\| v1\.0\.1 \| v1\.5\.1 \| v1\.0\.0 \| Stable \| passed \|$/m,
    );
    assert.ok("v1.0.1" in (await tagDigests(`${registry.host}/mlos`)));
  });

  it("DISTRO-13: a pair whose compatibility test fails is not Stable: no tag, no release, no row", async () => {
    const before = await tagDigests(`${registry.host}/mlos`);
    const versions = await project.read("VERSIONS.md");
    await project.configure({ axon: "v1.5.9" });
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(
      text,
      /Axon v1\.5\.9 \+ MLOS Core v1\.0\.0\) cannot be Stable: its compatibility test failed/,
    );
    assert.deepEqual(await tagDigests(`${registry.host}/mlos`), before);
    assert.equal(await project.read("VERSIONS.md"), versions);
    assert.equal((await record("mlos-distro-v1.0.1")).notes, "Includes Axon v1.5.1 + MLOS Core v1.0.0");
  });

  it("DISTRO-16: a run without a component's version is refused", async () => {
    await project.succeed(["config", "rm", "axon"]);
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /Missing required configuration variable 'test:axon'/,
    );
  });
});
