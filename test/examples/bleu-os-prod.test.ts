import assert from "node:assert/strict";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { crane, runClient } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { HelmUser } from "../support/charts";
import { requireDocker, startDocker } from "../support/docker";
import { requirement } from "../support/requirement";
import { findTool, requireTools } from "../support/tools";
import { tagDigests } from "../end-to-end/observation";
import { refuse, refuseAtOnce } from "./bad-stack";
import { badStacks } from "./bleu-os-bad-stacks";
import { commitOf, writeRelease } from "./bleu-os-release";
import { checkRows } from "./bleu-os-rows";
import { BleuProd } from "./bleu-os-stack";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";

const commit = commitOf("1.0.0");
/** All tags of the first release. */
const released = [
  ...["1.0", "1.0.0", `1.0.0-${commit.slice(0, 7)}`, "latest", "release-1.0.0", "v1.0.0", commit],
].sort();

describe("Bleu OS's prod stack, on registries and a GitHub of this machine", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let prod: BleuProd;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "git", "go", "trivy", "cosign", "cosign-v2");
    workspace = await ExampleWorkspace.shared();
    prod = await BleuProd.create(workspace);
  });

  after(async () => {
    await workspace?.remove();
    await prod?.stop();
  });

  describe("made bad, the policy pack refuses it before anything is built:", () => {
    refuseAtOnce(
      () => prod,
      badStacks.filter(({ onceBuilt }) => !onceBuilt),
    );
  });

  describe("good,", () => {
    it("it is published, with the policy pack on, after a preview that names each tag", async () => {
      const preview = await prod.preview();
      for (const tag of released) assert.ok(preview.includes(`"${tag}"`), tag);
      const { quay: _quay, ...three } = await prod.published();
      assert.deepEqual(three, { ghcr: {}, dockerHub: {}, enterprise: {} });
      assert.deepEqual(prod.services.github.writes(), []);
      const text = await prod.up();
      assert.match(text, /slipway: promoted-tags-are-signed looked at \d+ tags: no violation/);
    });

    it("BLEU-01, BLEU-02, BLEU-07, BLEU-10, BLEU-12: every tag of the release has one digest, in each registry", async () => {
      const { ghcr = {}, dockerHub, enterprise } = await prod.published();
      assert.deepEqual(Object.keys(ghcr).sort(), released);
      assert.equal(new Set(Object.values(ghcr)).size, 1);
      assert.deepEqual(dockerHub, ghcr);
      assert.deepEqual(enterprise, ghcr);
    });

    it("PROD-01, PROD-03: a second update changes nothing", async () => {
      const before = await prod.published();
      prod.services.github.forget();
      assert.deepEqual(Object.keys(resourceCounts(await prod.up())), ["unchanged"]);
      assert.deepEqual(await prod.published(), before);
      assert.deepEqual(prod.services.github.writes(), []);
    });

    checkRows(() => prod);

    it("PROD-08: the digest is that of dev", async () => {
      const dev = await ExampleProject.copyOf("bleu-os", { workspace, config: { commit } });
      await dev.upWithoutPreview();
      const { ghcr } = await prod.published();
      assert.deepEqual(await tagDigests(`${workspace.host}/bleu-os`), ghcr);
    });
  });

  describe("made bad, the policy pack refuses what is built already:", () => {
    badStacks.filter(({ onceBuilt }) => onceBuilt).forEach((bad) => refuse(() => prod, bad));
  });

  describe("later,", () => {
    it("BLEU-11, BLEU-13: a pull request is built and proven, and writes nothing to any registry", async () => {
      const before = await prod.published();
      await prod.configure({ version: undefined, pullRequest: "12" });
      const pack = path.join(workspace.root, "policies");
      const advisory = ["--policy-pack", pack, "--policy-pack-config", path.join(pack, "advisory.json")];
      const update = ["up", "--yes", "--skip-preview", "--stack", "prod", ...advisory];
      const written = await prod.writesDuring(() => prod.project.succeed(update));
      assert.deepEqual(written, []);
      assert.deepEqual(await prod.published(), before);
      const { tags, proven } = await prod.project.outputs<{
        tags: { tag: string; published: boolean }[];
        proven: Record<string, Record<string, string>>;
      }>();
      assert.deepEqual(
        tags.map(({ tag, published }) => [tag, published]),
        [["pr-12", false]],
      );
      assert.deepEqual(
        new Set(Object.values(proven["bleu-os"] ?? {})),
        new Set(["passed", "passed (secrets only)"]),
      );
    });

    describe("one registry, one platform and one image more are one entry each:", () => {
      const minimal = `ARG DEBIAN_IMAGE\nFROM \${DEBIAN_IMAGE}\nUSER 1000:1000\n`;
      const entry = `"bleu-os-minimal": {
        dockerfile: "bleu-os/Dockerfile.minimal",
        buildArgs: { DEBIAN_IMAGE: baseImage(config.require("debianImage")) },
      },`;
      const images = ["bleu-os", "bleu-os-minimal"];
      const threePlatforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

      before(async () => {
        const { project, services } = prod;
        await writeRelease(project, "1.1.0");
        await project.write({ "bleu-os/Dockerfile.minimal": minimal });
        await project.edit("index.ts", (text) =>
          text
            .replace(`"linux/arm64"]`, `"linux/arm64", "linux/arm/v7"]`)
            .replace("images: {", `$&\n${entry}`),
        );
        await prod.up({
          version: "v1.1.0",
          pullRequest: undefined,
          commit: commitOf("1.1.0"),
          debianImage: await baseWithArmV7(workspace, `${services.dockerHub.host}/library/debian`),
          mirrors: JSON.stringify([`${services.quay.host}/bleuos`]),
          chart: "true",
          tarballs: "true",
        });
      });

      it("BLEU-03: the registry has the same index under every tag of the release", async () => {
        for (const image of images) {
          const { ghcr = {}, quay = {}, dockerHub, enterprise } = await prod.published(image);
          assert.deepEqual(dockerHub, ghcr);
          assert.deepEqual(enterprise, ghcr);
          for (const tag of ["1.1.0", "v1.1.0", "release-1.1.0", "1.1", "latest"]) {
            assert.equal(quay[tag], ghcr[tag], tag);
          }
          assert.equal(quay["1.1.0"], quay.latest);
          assert.equal(quay["1.0.0"], undefined);
        }
      });

      it("BLEU-06: the index of each image has linux/arm/v7 in each registry", async () => {
        for (const image of images) {
          for (const repository of Object.values(prod.repositories(image))) {
            const text = await crane(["manifest", `${repository}:1.1.0`], prod.signedIn);
            const { manifests } = JSON.parse(text) as {
              manifests: { platform: { os: string; architecture: string; variant?: string } }[];
            };
            const found = manifests.map(({ platform: { os, architecture, variant } }) =>
              [os, architecture, variant].filter((part) => part !== undefined).join("/"),
            );
            assert.deepEqual(found, threePlatforms, repository);
          }
        }
      });

      it("BLEU-22: each registry has a chart that installs the released image by digest, as Helm renders it", async function () {
        requireTools(this, "helm");
        const { ghcr = {} } = await prod.published();
        const digests: string[] = [];
        for (const repository of Object.values(prod.repositories("charts/bleu-os"))) {
          digests.push(await crane(["digest", `${repository}:1.1.0`], prod.signedIn));
        }
        assert.equal(new Set(digests).size, 1);
        const helm = new HelmUser("helm", path.join(workspace.root, "helm"));
        const folder = await helm.pull(prod.repositories("charts/bleu-os").ghcr, "--version", "1.1.0");
        const rendered = await helm.run("template", "mine", path.join(folder, "bleu-os-1.1.0.tgz"));
        const image = `${prod.repositories().ghcr}@${ghcr["1.1.0"] ?? ""}`;
        assert.ok(rendered.includes(`image: ${image}\n`), rendered);
      });

      it("BLEU-21: the release has tarballs in its sums, which Docker loads as the released image", async function () {
        requireDocker(this);
        const folder = await mkdtemp(path.join(workspace.root, "tarballs-"));
        const files = ["amd64", "arm64"].map((architecture) => `bleu-os-1.1.0-${architecture}.tar.gz`);
        for (const name of [...files, "SHA256SUMS"]) {
          const url = `${prod.services.github.url}/helloblueai/bleu-os/releases/download/v1.1.0/${name}`;
          await runClient("curl", ["-fsSL", "--output", path.join(folder, name), url]);
        }
        const command = 'cd "$0" && sha256sum --ignore-missing -c SHA256SUMS';
        const checked = await runClient("sh", ["-c", command, folder]);
        for (const file of files) assert.ok(checked.split("\n").includes(`${file}: OK`), checked);
        const engine = await startDocker();
        try {
          const name = `${prod.repositories().ghcr}:1.1.0`;
          for (const [index, architecture] of ["amd64", "arm64"].entries()) {
            const loaded = await engine.docker("load", "--input", path.join(folder, files[index] ?? ""));
            assert.equal(loaded.split("\n").at(-1), `Loaded image: ${name}`);
            // An image of Docker is the digest of its configuration.
            const id = await engine.docker("image", "inspect", "--format", "{{.Id}}", name);
            const platform = ["--platform", `linux/${architecture}`];
            const { config } = JSON.parse(await crane(["manifest", ...platform, name])) as {
              config: { digest: string };
            };
            assert.equal(id, config.digest);
          }
        } finally {
          await engine.stop();
        }
      });

      it("BLEU-06: its program is one for ARMv7, and prints the version", async function () {
        const emulator = findTool("qemu-arm-static");
        requirement(
          this,
          emulator,
          "QEMU's user emulation is not installed (apt-get install qemu-user-static)",
        );
        const folder = await mkdtemp(path.join(workspace.root, "arm-"));
        const archive = path.join(folder, "image.tar");
        const { ghcr } = prod.repositories();
        await crane(["export", "--platform", "linux/arm/v7", `${ghcr}:1.1.0`, archive]);
        await runClient("tar", ["-xf", archive, "-C", folder, "usr/bin/bleu"]);
        const program = path.join(folder, "usr/bin/bleu");
        assert.match(await runClient("go", ["version", "-m", program]), /build\tGOARM=7/);
        assert.equal(await runClient(emulator, [program, "version"]), "Bleu OS 1.1.0 (linux/arm)");
      });
    });
  });
});

/**
 * A base image for three platforms, pinned: for ARMv7 it has a file and no packages, which the
 * program, that needs none, runs on all the same.
 */
async function baseWithArmV7(workspace: ExampleWorkspace, target: string): Promise<string> {
  const folder = await mkdtemp(path.join(workspace.root, "base-"));
  await mkdir(path.join(folder, "etc"));
  await writeFile(path.join(folder, "etc/os-release"), 'ID=debian\nVERSION_ID="12"\n');
  await runClient("tar", ["-cf", path.join(folder, "base.tar"), "-C", folder, "etc"]);
  const forArm = `${target}:arm`;
  await crane(["append", "--oci-empty-base", "-f", path.join(folder, "base.tar"), "-t", forArm]);
  await crane(["mutate", forArm, "--set-platform", "linux/arm/v7", "--tag", forArm]);
  await crane(["index", "append", `${target}:12`, "-m", forArm, "-t", `${target}:12-arm`]);
  return `${target}:12-arm@${await crane(["digest", `${target}:12-arm`])}`;
}
