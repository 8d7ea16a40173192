import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { tagDigests } from "./observation";

/**
 * A distribution of two components whose version follows from theirs, and which is Stable only
 * after their test.
 */
function program(registry: string): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { Changelog, Check, directoryRelease, Distribution, ociRegistry, semverTags, VersionMatrix } from "@slipway";
import { describeComponents, nextRow } from "@slipway/versions";

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
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: {
    mlos: {
      files: [{ to: "/axon.txt", content: candidate.Axon }],
      labels: { "org.mlos.version": version, "org.mlos.components": describeComponents(candidate) },
    },
  },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  binaries: {
    "mlos-core": { ...make, command: ["make", "release", "OUT={output}/mlos-core"], platforms: ["linux/amd64", "darwin/amd64", "windows/amd64"] },
    axon: { ...make, command: ["make", "release", "OUT={output}/axon"], platforms: ["linux/amd64", "darwin/amd64"] },
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
    const changelog = new Changelog(
      "changelog",
      { version, changes: { changed: ["Includes " + describeComponents(candidate)] }, date: "2026-01-31" },
      { ...options, dependsOn: [matrix] },
    );
    return [test, matrix, changelog];
  },
  release: directoryRelease({
    directory: "public",
    tag: "mlos-distro-{tag}",
    title: "MLOS {tag}",
    notesTemplate: "Includes " + describeComponents(candidate) + "\\n\\n{verification}",
  }),
});
export const artifacts = mlos.artifacts;
export const released = version;
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

  it("CORE-18: DISTRO-06: DISTRO-07: bundles of two components, made by `make release`, with their sums", async () => {
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

  it("DISTRO-09: the notes say how a downloaded bundle is checked: it passes, and one flipped byte fails", async () => {
    const { notes } = await record("mlos-distro-v1.0.0");
    const [, command = ""] = /```sh\n([^`]+)\n```/.exec(notes) ?? [];
    const published = path.join(project.directory, "public/releases/download/mlos-distro-v1.0.0");
    const downloads = await mkdtemp(path.join(tmpdir(), "slipway-download-"));
    const bundle = path.join(downloads, "mlos-v1.0.0_linux_amd64.tar.gz");
    try {
      for (const name of [path.basename(bundle), "SHA256SUMS"]) {
        await copyFile(path.join(published, name), path.join(downloads, name));
      }
      const check = () => runClient("sh", ["-c", `cd "$0" && ${command}`, downloads]);
      assert.equal(await check(), "mlos-v1.0.0_linux_amd64.tar.gz: OK");
      const bytes = await readFile(bundle);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(bundle, bytes);
      await assert.rejects(check(), /1 computed checksum did NOT match/);
    } finally {
      await rm(downloads, { recursive: true, force: true });
    }
  });

  it("DISTRO-10: DISTRO-17: DISTRO-29: release, label, VERSIONS.md and CHANGELOG.md agree", async () => {
    const { title, notes } = await record("mlos-distro-v1.0.0");
    assert.equal(title, "MLOS v1.0.0");
    assert.match(notes, /^Includes Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\n/);
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
    const section = "## [1.0.0] - 2026-01-31\n\n### Changed\n\n- Includes Axon v1.5.0 + MLOS Core v1.0.0\n";
    assert.ok((await project.read("CHANGELOG.md")).endsWith(section));
  });

  it("DISTRO-15: DISTRO-18: one changed component version changes version, matrix, change log and tag in the preview", async () => {
    await project.configure({ axon: "v1.5.1" });
    const preview = await project.preview();
    assert.match(preview, /mlos-distro-v1\.0\.0" => "mlos-distro-v1\.0\.1"/);
    assert.match(preview, /Includes Axon v1\.5\.1 \+ MLOS Core v1\.0\.0/);
    assert.match(preview, /v1\.0\.1: "sha256:/);
    assert.match(preview, /~ released +: "v1\.0\.0" => "v1\.0\.1"/);
    assert.match(preview, /slipway:release:VersionMatrix/);
    const [, changelog = ""] =
      /(slipway:release:Changelog: \(update\)[^]*?)\n {4}~ slipway/.exec(preview) ?? [];
    assert.match(changelog, /~ version: "v1\.0\.0" => "v1\.0\.1"/);
    assert.match(changelog, /~ section: [^]*=> "Includes Axon v1\.5\.1 \+ MLOS Core v1\.0\.0"/);
    await project.upWithoutPreview();
    assert.match(
      (await record("mlos-distro-v1.0.1")).notes,
      /^Includes Axon v1\.5\.1 \+ MLOS Core v1\.0\.0\n/,
    );
    const log = await project.read("CHANGELOG.md");
    assert.deepEqual(
      log.split("\n").filter((line) => /^(## |- )/.test(line)),
      [
        "## [Unreleased]",
        "## [1.0.1] - 2026-01-31",
        "- Includes Axon v1.5.1 + MLOS Core v1.0.0",
        "## [1.0.0] - 2026-01-31",
        "- Includes Axon v1.5.0 + MLOS Core v1.0.0",
      ],
    );
    assert.match(
      await project.read("VERSIONS.md"),
      /^\| v1\.0\.1 \| v1\.5\.1 \| v1\.0\.0 \| Stable \| passed \|$/m,
    );
    assert.ok("v1.0.1" in (await tagDigests(`${registry.host}/mlos`)));
  });

  it("DISTRO-13: a pair whose compatibility test fails is not Stable: no tag, no release, no row, no section", async () => {
    const before = await tagDigests(`${registry.host}/mlos`);
    const versions = await project.read("VERSIONS.md");
    const log = await project.read("CHANGELOG.md");
    await project.configure({ axon: "v1.5.9" });
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(
      text,
      /Axon v1\.5\.9 \+ MLOS Core v1\.0\.0\) cannot be Stable: its compatibility test failed/,
    );
    assert.deepEqual(await tagDigests(`${registry.host}/mlos`), before);
    assert.equal(await project.read("VERSIONS.md"), versions);
    assert.equal(await project.read("CHANGELOG.md"), log);
    assert.equal((await record("mlos-distro-v1.0.1")).title, "MLOS v1.0.1");
  });

  it("DISTRO-16: a run without a component's version is refused", async () => {
    await project.configure({ axon: undefined });
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /Missing required configuration variable 'test:axon'/,
    );
  });
});
