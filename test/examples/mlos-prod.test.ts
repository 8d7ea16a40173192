import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { EXAMPLES } from "../../tools/examples";
import { tagDigests } from "../end-to-end/observation";
import { crane, runClient } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { resourceCounts, type CliResult } from "../support/engine";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { writeKeyPair } from "../support/key-pair";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";

const password = "of this test only";

/** A scanner that needs no network: it looks for secrets. */
const scan = { kinds: ["secret"], scanner: { name: "trivy", offline: true, databaseDirectory: "none" } };

describe("MLOS's prod stacks, on registries and a GitHub of this machine", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let hub: TestRegistry;
  let github: FakeGitHub;
  let coreReleases: FakeRepository;
  let distroReleases: FakeRepository;
  let host: string;
  let core: ExampleProject;
  let distro: ExampleProject;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "go", "make", "trivy", "cosign", "curl", "sha256sum");
    workspace = await ExampleWorkspace.create();
    host = await workspace.registry();
    hub = await startDistribution();
    github = await FakeGitHub.start();
    github.repository("mlOS-foundation/axon");
    coreReleases = github.repository("mlOS-foundation/core");
    distroReleases = github.repository("mlOS-foundation/mlos-distro");
    const debian = await pinned("bases/debian:12");
    const axon = await prod("axon", {});
    core = await prod("mlos-core", {
      dockerHub: `${hub.host}/mlosfoundation`,
      builder: "embedded",
      runtimeImage: debian,
      scan: JSON.stringify(scan),
    });
    distro = await prod("mlos-distro", {
      builder: "embedded",
      axonReleases: `${github.url}/mlOS-foundation/axon`,
      coreReleases: `${github.url}/mlOS-foundation/core`,
      ubuntuImage: debian,
      scan: JSON.stringify(scan),
    });
    await axon.upWithoutPreview();
  });

  after(async () => {
    await workspace?.remove();
    await hub?.stop();
    await github?.stop();
  });

  async function pinned(image: string): Promise<string> {
    return `${host}/${image}@${await crane(["digest", `${host}/${image}`])}`;
  }

  /** A prod stack with its endpoints redirected, by configuration alone. */
  async function prod(name: string, config: Record<string, string>): Promise<ExampleProject> {
    const project = await ExampleProject.copyOf(name, {
      workspace,
      stack: "prod",
      folder: `${name}-prod`,
      config: { registry: host, github: github.url, ...config },
      env: {
        COSIGN_PASSWORD: password,
        GITHUB_TOKEN: github.token,
        PATH: [workspace.env.PATH, path.dirname(toolPath("trivy"))].join(path.delimiter),
      },
    });
    await writeKeyPair(project.directory, "cosign", password);
    return project;
  }

  /** Runs the CLI with the policy pack, in the example's own configuration with the redirected places. */
  async function guarded(project: ExampleProject, name: string, command: string[]): Promise<CliResult> {
    const text = await readFile(path.join(EXAMPLES, name, "policies.json"), "utf8");
    const here = text
      .replaceAll("ghcr.io/", `${host}/`)
      .replaceAll("docker.io/mlosfoundation", `${hub.host}/mlosfoundation`)
      .replaceAll(/"(docker\.io\/library|gcr\.io\/distroless)\/[^"]+"/g, `"${host}/bases/*"`);
    const pack = await project.policyPack(JSON.parse(here) as object);
    return project.run([...command, "--stack", "prod", ...pack]);
  }

  async function up(project: ExampleProject, name: string): Promise<string> {
    const { code, text } = await guarded(project, name, ["up", "--yes", "--skip-preview"]);
    assert.equal(code, 0, text);
    return text;
  }

  describe("MLOS Core, made bad, is refused before anything is published:", () => {
    const bad: { rule: string; title: string; change: [string | RegExp, string] }[] = [
      {
        rule: "promoted-tags-have-sbom",
        title: "there is no SBOM",
        change: ["trust: configuredTrust(config)", "trust: { ...configuredTrust(config), sbom: false }"],
      },
      {
        rule: "promoted-tags-are-scanned",
        title: "nothing is scanned",
        change: ["trust: configuredTrust(config)", "trust: { sign: configuredTrust(config).sign }"],
      },
      {
        rule: "version-tags-immutable",
        title: "version tags can move",
        change: [
          /tags: semverTags\(.*/,
          `tags: () => [{ tag: "v1.0.0", moves: "always", published: true }],`,
        ],
      },
      {
        rule: "index-covers-platforms",
        title: "a platform is missing",
        change: [`platforms: ["linux/amd64", "linux/arm64"]`, `platforms: ["linux/amd64"]`],
      },
      {
        rule: "allowed-licenses",
        title: "another licence",
        change: [`licenses: "Apache-2.0"`, `licenses: "Proprietary"`],
      },
    ];
    for (const { rule, title, change } of bad) {
      it(`${rule}: ${title}`, async () => {
        const good = await core.read("index.ts");
        assert.notEqual(good.replace(...change), good);
        await core.write({ "index.ts": good.replace(...change) });
        const { code, text } = await guarded(core, "mlos-core", ["preview"]);
        await core.write({ "index.ts": good });
        assert.notEqual(code, 0, text);
        const refused = [...text.matchAll(/^\s+- \[mandatory\](?: \[severity: \w+\])?\s+(\S+)/gm)];
        assert.deepEqual([...new Set(refused.map(([, name]) => name))], [rule], text);
        assert.deepEqual(await tagDigests(`${host}/mlos-foundation/mlos-core`), {});
      });
    }
  });

  describe("as they are,", () => {
    /** The program with its archives. */
    let whole: string;

    it("CORE-01, CORE-02, G-01, G-02: the image is published, with alias and mirror of one digest", async () => {
      whole = await core.read("index.ts");
      const imagesOnly = whole.replace(/ {2}archives: \{[^]*?\n {2}release: [^\n]*\n/, "");
      assert.notEqual(imagesOnly, whole);
      await core.write({ "index.ts": imagesOnly });
      await up(core, "mlos-core");
      const digest = await crane(["digest", `${host}/mlos-foundation/mlos-core:v1.0.0`]);
      for (const repository of [
        `${host}/mlos-foundation/core`,
        `${hub.host}/mlosfoundation/mlos-core`,
        `${hub.host}/mlosfoundation/core`,
      ]) {
        assert.deepEqual(await tagDigests(repository), { latest: digest, "v1.0.0": digest }, repository);
        await cosignVerify(`${repository}:v1.0.0`, path.join(core.directory, "cosign.pub"));
      }
    });

    it("archives that are added later change nothing that is published: only the SBOMs get files beside them", async () => {
      const before = await tagDigests(`${host}/mlos-foundation/mlos-core`);
      await core.write({ "index.ts": whole });
      const preview = await core.preview();
      assert.match(preview, /~ slipway:trust:Sbom: \(update\)/);
      const counts = resourceCounts(preview);
      assert.deepEqual(Object.keys(counts).sort(), ["create", "unchanged", "update"], JSON.stringify(counts));
      assert.equal(counts.update, 1);
      await up(core, "mlos-core");
      assert.deepEqual(await tagDigests(`${host}/mlos-foundation/mlos-core`), before);
    });

    it("CORE-13, CORE-14, CORE-17: the release has five archives under their URLs, and the sums hold", async () => {
      const release = coreReleases.published("v1.0.0");
      const names = release?.assets.map(({ name }) => name).filter((name) => name.endsWith(".tar.gz"));
      assert.equal(names?.length, 5);
      const url = `${github.url}/mlOS-foundation/core/releases/download/v1.0.0`;
      const sums = (await runClient("curl", ["-fsSL", `${url}/SHA256SUMS`])).split("\n");
      assert.deepEqual(
        sums.map((line) => line.slice(66)),
        [...(names ?? [])].sort(),
      );
      const bytes = await fetch(`${url}/mlos-core_1.0.0_linux_amd64.tar.gz`).then((answer) =>
        answer.arrayBuffer(),
      );
      const sum = createHash("sha256").update(Buffer.from(bytes)).digest("hex");
      assert.ok(sums.some((line) => line === `${sum}  mlos-core_1.0.0_linux_amd64.tar.gz`));
    });

    it("CORE-20: no token or password is in the state in clear", async () => {
      const state = await core.succeed(["stack", "export", "--stack", "prod"]);
      for (const secret of [github.token, password]) assert.ok(!state.includes(secret));
    });

    it("DISTRO-02, DISTRO-17, DISTRO-31: the distribution of both is released, its policy pack on", async () => {
      const text = await up(distro, "mlos-distro");
      assert.match(text, /required-checks-passed looked at \d+ tags: no violation/);
      const tags = await tagDigests(`${host}/mlos-foundation/mlos`);
      assert.deepEqual(Object.keys(tags), ["latest", "v1.0.0"]);
      const release = distroReleases.published("v1.0.0");
      assert.deepEqual(
        [release?.name, release?.body],
        ["MLOS v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"],
      );
      const bundles = release?.assets.filter(({ name }) => name.endsWith(".tar.gz"));
      assert.equal(bundles?.length, 4);
      const config = await crane([
        "config",
        "--platform",
        "linux/arm64",
        `${host}/mlos-foundation/mlos:v1.0.0`,
      ]);
      assert.match(config, /"org\.mlosfoundation\.components":"Axon v1\.5\.0 \+ MLOS Core v1\.0\.0"/);
    });

    it("PROD-03: further runs change nothing", async () => {
      assert.deepEqual(Object.keys(resourceCounts(await up(core, "mlos-core"))), ["unchanged"]);
      assert.deepEqual(Object.keys(resourceCounts(await up(distro, "mlos-distro"))), ["unchanged"]);
    });

    it("the digests of dev are those of prod", async () => {
      for (const name of ["axon", "mlos-core", "mlos-distro"]) {
        const project = await ExampleProject.copyOf(name, { workspace });
        await project.upWithoutPreview();
      }
      for (const image of ["axon", "mlos-core", "mlos"]) {
        const tag = image === "axon" ? "v1.5.0" : "v1.0.0";
        const dev = await crane(["digest", `${host}/${image}:${tag}`]);
        assert.equal(dev, await crane(["digest", `${host}/mlos-foundation/${image}:${tag}`]), image);
      }
    });
  });
});
