import assert from "node:assert/strict";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { fillPlaceholders } from "../../lib/documents/placeholders";
import { EXAMPLES } from "../../tools/examples";
import { emulateArm64 } from "../support/buildkit";
import { crane, runClient } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { requireDocker, startDocker, type DockerEngine } from "../support/docker";
import { resourceCounts } from "../support/engine";
import {
  requireNetworkedDocker,
  startNetworkedDocker,
  type NetworkedDocker,
} from "../support/networked-docker";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { requireExamples, type ExampleProject } from "./example-project";
import { describeOneEntry } from "./mlos-one-entry";
import { describeProdStacks } from "./mlos-prod-stacks";
import { filesBelow, fileType, MlosWorkspace, releaseFolder } from "./mlos-published";

const platforms = ["linux/amd64", "linux/arm64"];
const coreTargets = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"];
const bundleTargets = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"];
const archiveOf = (target: string) => `mlos-core_1.0.0_${target}.tar.gz`;
const bundleOf = (target: string) => `mlos-v1.0.0_${target}.tar.gz`;

/** What `file` says of a program for a target. */
const types: Record<string, RegExp> = {
  linux_amd64: /^ELF 64-bit LSB executable, x86-64.*statically linked/,
  linux_arm64: /^ELF 64-bit LSB executable, ARM aarch64.*statically linked/,
  darwin_amd64: /^Mach-O 64-bit x86_64 executable/,
  darwin_arm64: /^Mach-O 64-bit arm64 executable/,
  windows_amd64: /^PE32\+ executable \(console\) x86-64/,
};

describe("MLOS: the examples axon, mlos-core and mlos-distro on the embedded default", function () {
  this.timeout(600_000);
  let mlos: MlosWorkspace;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "go", "make", "tar", "sha256sum", "file", "cosign");
    mlos = await MlosWorkspace.create();
  });
  after(() => mlos?.remove());

  it("DISTRO-04: a distribution whose component is not published stops before anything is pushed", async () => {
    await mlos.workspace.registry();
    await mlos.axon.upWithoutPreview();
    const text = await mlos.distro.failingUp();
    assert.match(text, /mlos-core.*SHA256SUMS|core:v1\.0\.0/);
    await assert.rejects(crane(["ls", mlos.repository("mlos")]), /NAME_UNKNOWN/);
  });

  describe("MLOS Core", () => {
    let release: string;

    before(async () => {
      await mlos.core.upWithoutPreview();
      release = releaseFolder(mlos.core, "mlOS-foundation/core", "v1.0.0");
    });

    it("CORE-04, CORE-11: v1.0.0 and latest are one index for amd64 and arm64", async () => {
      assert.deepEqual(await mlos.platforms("mlos-core", "v1.0.0"), platforms);
      assert.equal(await mlos.digest("mlos-core", "latest"), await mlos.digest("mlos-core", "v1.0.0"));
    });

    it("G-02: `core` has the same digest under the same tags, and the signature", async () => {
      for (const tag of ["v1.0.0", "latest"]) {
        assert.equal(await mlos.digest("core", tag), await mlos.digest("mlos-core", tag));
      }
      const key = path.join(mlos.core.directory, ".slipway/keys/cosign.pub");
      for (const image of ["mlos-core", "core"]) await cosignVerify(`${mlos.repository(image)}:v1.0.0`, key);
    });

    it("CORE-06, CORE-07, CORE-10: the image has /opt/mlos and a base, no compiler, source or build tree; the program needs no library", async () => {
      const root = await mlos.unpacked("mlos-core", "v1.0.0");
      const files = await filesBelow(root);
      assert.ok(files.includes("opt/mlos/bin/mlos-core") && files.includes("opt/mlos/config/mlos.yaml"));
      assert.deepEqual(
        files.filter((file) =>
          /\.go$|(^|\/)(go\.mod|Makefile|Dockerfile|\.git|gcc|make|gofmt)$|^(src|out)\//.test(file),
        ),
        [],
      );
      assert.match(await readFile(path.join(root, "etc/os-release"), "utf8"), /^ID=debian$/m);
      assert.match(await fileType(path.join(root, "opt/mlos/bin/mlos-core")), /statically linked/);
    });

    it("image and program are within the budgets of size", async () => {
      for (const platform of platforms) {
        assert.ok((await mlos.size("mlos-core", "v1.0.0", platform)) <= 100_000_000, platform);
      }
      const program = path.join(await mlos.unpacked("mlos-core", "v1.0.0"), "opt/mlos/bin/mlos-core");
      const { size } = await stat(program);
      assert.ok(size > 1_000_000 && size < 10_000_000, `${size} bytes`);
    });

    it("CORE-08, G-08: the health check is in the configuration of both platforms", async () => {
      for (const platform of platforms) {
        const { Healthcheck } = await mlos.config("mlos-core", "v1.0.0", platform);
        assert.deepEqual(Healthcheck?.Test, ["CMD", "/opt/mlos/bin/mlos-core", "-healthcheck"]);
      }
    });

    it("CORE-13, CORE-14, G-04, G-05: five archives, none for windows/arm64, each a gzip", async () => {
      const archives = (await readdir(release)).filter((name) => name.endsWith(".tar.gz"));
      assert.deepEqual(archives.sort(), coreTargets.map(archiveOf).sort());
      for (const name of archives)
        assert.match(await fileType(path.join(release, name)), /^gzip compressed data/);
    });

    it("CORE-15, CORE-16, CORE-18, G-06: program, README, LICENSE and inner sums at the top; each program is for its target", async () => {
      for (const target of coreTargets) {
        const folder = await mlos.unpack(path.join(release, archiveOf(target)));
        const program = target.startsWith("windows") ? "mlos-core.exe" : "mlos-core";
        assert.deepEqual(await filesBelow(folder), ["LICENSE", "README.md", "SHA256SUMS", program].sort());
        await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
        assert.match(await fileType(path.join(folder, program)), types[target] as RegExp);
        assert.equal((await stat(path.join(folder, program))).mode & 0o111, 0o111, target);
        if (target === "linux_amd64" && process.arch === "x64") {
          assert.match(await runClient(path.join(folder, program), ["--version"]), /^mlos-core v1\.0\.0 /);
        }
      }
    });

    it("CORE-17: the sums cover every archive, and one flipped byte fails", async () => {
      const folder = await mlos.empty();
      await cp(release, folder, { recursive: true });
      const check = () => runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
      const checked = (await check()).split("\n");
      for (const target of coreTargets) assert.ok(checked.includes(`${archiveOf(target)}: OK`), target);
      const file = path.join(folder, archiveOf("darwin_arm64"));
      const bytes = await readFile(file);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(file, bytes);
      await assert.rejects(check(), /1 computed checksum did NOT match/);
    });

    it("PROD-03: a second run changes nothing", async () => {
      assert.deepEqual(Object.keys(resourceCounts(await mlos.core.upWithoutPreview())), ["unchanged"]);
    });
  });

  describe("MLOS Distro", () => {
    let release: string;

    before(async () => {
      await mlos.distro.upWithoutPreview();
      release = releaseFolder(mlos.distro, "mlOS-foundation/mlos-distro", "v1.0.0");
    });

    it("DISTRO-02, DISTRO-03: one index with v1.0.0 and latest; /opt/mlos and axon are those of the component images", async () => {
      assert.equal(await mlos.digest("mlos", "latest"), await mlos.digest("mlos", "v1.0.0"));
      assert.deepEqual(await mlos.platforms("mlos", "v1.0.0"), platforms);
      for (const platform of platforms) {
        const root = await mlos.unpacked("mlos", "v1.0.0", platform);
        const core = await mlos.unpacked("core", "v1.0.0", platform);
        const axon = await mlos.unpacked("axon", "v1.5.0", platform);
        for (const [file, source] of [
          ["opt/mlos/bin/mlos-core", core],
          ["usr/local/bin/axon", axon],
        ] as const) {
          await runClient("cmp", [path.join(root, file), path.join(source, file)]);
        }
      }
    });

    it("DISTRO-04: labels name the components, and the provenance their digests", async () => {
      const { Labels } = await mlos.config("mlos", "v1.0.0");
      assert.equal(Labels?.["org.opencontainers.image.version"], "v1.0.0");
      assert.equal(Labels?.["org.mlosfoundation.components"], "Axon v1.5.0 + MLOS Core v1.0.0");
      assert.equal(Labels?.["org.mlosfoundation.component.axon"], "v1.5.0");
      assert.equal(Labels?.["org.mlosfoundation.component.mlos-core"], "v1.0.0");
      const state = await mlos.distro.state();
      assert.ok(state.includes(await mlos.digest("core", "v1.0.0")));
      assert.ok(state.includes(await mlos.digest("axon", "v1.5.0")));
    });

    it("DISTRO-06, DISTRO-07, G-20: bundles of the listed files and bin/mlos, for the platforms that both have", async () => {
      const bundles = (await readdir(release)).filter((name) => name.endsWith(".tar.gz"));
      assert.deepEqual(bundles.sort(), bundleTargets.map(bundleOf).sort());
      for (const target of bundleTargets) {
        const folder = await mlos.unpack(path.join(release, bundleOf(target)));
        const programs = ["bin/axon", "bin/mlos", "bin/mlos-core"];
        assert.deepEqual(await filesBelow(folder), [
          "README.md",
          ...programs,
          "config/axon.yaml",
          "config/mlos.yaml",
        ]);
        for (const program of programs) {
          assert.match(await fileType(path.join(folder, program)), types[target] as RegExp);
          assert.equal((await stat(path.join(folder, program))).mode & 0o111, 0o111);
        }
      }
    });

    it("DISTRO-08: the programs are byte for byte those that the components released", async () => {
      for (const target of bundleTargets) {
        const folder = await mlos.unpack(path.join(release, bundleOf(target)));
        for (const [name, project, repository, tag, asset] of [
          ["mlos-core", mlos.core, "mlOS-foundation/core", "v1.0.0", archiveOf(target)],
          ["axon", mlos.axon, "mlOS-foundation/axon", "v1.5.0", `axon_1.5.0_${target}.tar.gz`],
        ] as const) {
          const source = await mlos.unpack(path.join(releaseFolder(project, repository, tag), asset));
          await runClient("cmp", [path.join(folder, "bin", name), path.join(source, name)]);
        }
      }
    });

    it("DISTRO-09: the step in the bundle's README verifies every bundle", async () => {
      const folder = await mlos.unpack(path.join(release, bundleOf("linux_amd64")));
      const [, step = ""] =
        /^(sha256sum -c.*?) +#/m.exec(await readFile(path.join(folder, "README.md"), "utf8")) ?? [];
      const printed = await runClient("sh", ["-c", `cd "$0" && ${step}`, release]);
      assert.equal(printed.split("\n").filter((line) => line.endsWith(".tar.gz: OK")).length, 4);
    });

    it("DISTRO-25: the configuration is the same in image, bundle and repository", async () => {
      const root = await mlos.unpacked("mlos", "v1.0.0");
      const bundle = await mlos.unpack(path.join(release, bundleOf("linux_amd64")));
      for (const name of ["mlos.yaml", "axon.yaml"]) {
        const places = [`${root}/etc/mlos`, `${bundle}/config`, `${mlos.distro.directory}/config`];
        const sums = await Promise.all(places.map((place) => runClient("sha256sum", [`${place}/${name}`])));
        assert.equal(new Set(sums.map((sum) => sum.slice(0, 64))).size, 1, name);
      }
    });

    it("DISTRO-27: `mlos --version` of the bundle names the distribution and its components", async function () {
      requirement(this, process.arch === "x64", "the bundle is for another machine");
      const folder = await mlos.unpack(path.join(release, bundleOf("linux_amd64")));
      const expected = "MLOS Distribution v1.0.0\nAxon: v1.5.0\nMLOS Core: v1.0.0";
      assert.equal(await runClient(path.join(folder, "bin/mlos"), ["--version"]), expected);
    });

    it("DISTRO-10, DISTRO-17, G-14, G-18, G-19: release, labels and VERSIONS.md say the same", async () => {
      const file = ".slipway/releases/mlOS-foundation/mlos-distro/releases/tag/v1.0.0/release.json";
      const { title, notes } = JSON.parse(await mlos.distro.read(file)) as { title: string; notes: string };
      assert.deepEqual([title, notes], ["MLOS v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"]);
      const versions = await mlos.distro.read("VERSIONS.md");
      assert.match(
        versions,
        /^Current stable version: \*\*v1\.0\.0\*\* \(Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\)\.$/m,
      );
    });

    it("DISTRO-11, DISTRO-12: VERSIONS.md, the record and the change log are as they are in the repository", async () => {
      const versions = await mlos.distro.read("VERSIONS.md");
      assert.deepEqual(
        versions.split("\n").filter((line) => /^\| v/.test(line)),
        [
          "| v1.0.0 | v1.5.0 | v1.0.0 |  | Stable | passed |",
          "| v1.1.0 | v1.6.0 | v1.0.0 |  | Planned | not tested |",
          "| v1.2.0 | v1.6.0 | v1.1.0 | v1.0.0 | Future | not tested |",
        ],
      );
      const folder = path.resolve(__dirname, "../../examples/mlos-distro");
      for (const name of ["VERSIONS.md", "versions.json", "CHANGELOG.md"]) {
        assert.equal(await mlos.distro.read(name), await readFile(path.join(folder, name), "utf8"), name);
      }
    });

    it("PROD-03: a second run changes nothing", async () => {
      assert.deepEqual(Object.keys(resourceCounts(await mlos.distro.upWithoutPreview())), ["unchanged"]);
    });
  });

  describe("one entry adds", () => {
    describeOneEntry(() => mlos);
  });

  describe("the prod stacks, on registries and a GitHub of this machine:", () => {
    describeProdStacks(() => mlos);
  });

  describe("started by Docker", () => {
    let engine: DockerEngine;

    before(async function (this: Context) {
      requireDocker(this);
      engine = await startDocker();
    });
    after(() => engine?.stop());

    /** Starts an image and waits for its health check. Returns the container's name. */
    async function healthy(image: string, tag: string): Promise<string> {
      const name = `test-${image}`;
      await engine.docker(
        "run",
        "-d",
        "--name",
        name,
        "--network",
        "none",
        `${mlos.repository(image)}:${tag}`,
      );
      for (let attempt = 0; attempt < 120; attempt++) {
        const status = await engine.docker("inspect", "--format", "{{.State.Health.Status}}", name);
        if (status === "healthy") return name;
        assert.notEqual(status, "unhealthy", await engine.docker("logs", name));
        await sleep(1000);
      }
      throw new Error(`${name} did not become healthy\n${await engine.docker("logs", name)}`);
    }

    it("CORE-08, CORE-09: becomes healthy, and both exposed ports answer", async () => {
      const { ExposedPorts = {} } = await mlos.config("mlos-core", "v1.0.0");
      assert.deepEqual(Object.keys(ExposedPorts).sort(), ["8080/tcp", "8081/tcp"]);
      const name = await healthy("mlos-core", "v1.0.0");
      for (const port of [8080, 8081]) {
        const answer = await engine.docker(
          "exec",
          name,
          "busybox",
          "wget",
          "-qO-",
          `http://localhost:${port}/health`,
        );
        assert.deepEqual(JSON.parse(answer), { status: "healthy" });
      }
    });

    it("DISTRO-05, DISTRO-26, DISTRO-27: serves on 8080, the demo inside answers, `mlos --version` is right", async () => {
      const name = await healthy("mlos", "v1.0.0");
      const demo = await engine.docker("exec", name, "mlos-demo");
      assert.match(demo, /"model":"hf\/bert-base-uncased@latest"/);
      assert.match(demo, /"token":"small"/);
      const version = await engine.docker("exec", name, "mlos", "--version");
      assert.equal(version, "MLOS Distribution v1.0.0\nAxon: v1.5.0\nMLOS Core: v1.0.0");
    });

    it("the quick start runs the image, and says where it serves once it does", async () => {
      const template = await readFile(path.join(EXAMPLES, "mlos-distro/templates/quickstart.sh"), "utf8");
      const text = fillPlaceholders("quickstart.sh", template, {
        version: "v1.0.0",
        "images.mlos.repository": mlos.repository("mlos"),
        "images.mlos.tag": "v1.0.0",
      });
      const env = { DOCKER_HOST: engine.host, MLOS_NAME: "quickstart" };
      const said = await runClient("sh", ["-c", text, "quickstart.sh", "--network", "none"], env);
      assert.match(said, /MLOS v1\.0\.0 serves at http:\/\/localhost:8080$/);
    });

    it("both programs start on arm64, emulated", async function () {
      const why = emulateArm64();
      requirement(this, why === undefined, why ?? "");
      const run = (...program: string[]) =>
        engine.docker(
          ...[
            "run",
            "--rm",
            "--platform",
            "linux/arm64",
            "--network",
            "none",
            "--entrypoint",
            program[0] ?? "",
          ],
          ...[`${mlos.repository("mlos")}@${armDigest}`, ...program.slice(1)],
        );
      const armDigest = await crane([
        ...["digest", "--platform", "linux/arm64", `${mlos.repository("mlos")}:v1.0.0`],
      ]);
      assert.match(await run("/usr/local/bin/axon", "--version"), /^axon v1\.5\.0 \(linux\/arm64\)$/);
      assert.match(
        await run("/opt/mlos/bin/mlos-core", "--version"),
        /^mlos-core v1\.0\.0 \(linux\/arm64\)$/,
      );
    });
  });

  describe("started by their compose files", () => {
    let engine: NetworkedDocker;

    before(async function (this: Context) {
      requireNetworkedDocker(this);
      for (const project of [mlos.core, mlos.distro]) {
        await project.set("deployFiles", "true");
        await project.upWithoutPreview();
      }
      engine = await startNetworkedDocker(Number(mlos.workspace.host.split(":")[1]));
    });
    after(() => engine?.stop());

    const compose = (project: ExampleProject, ...args: string[]) =>
      engine.docker("compose", "--file", path.join(project.directory, "docker-compose.yml"), ...args);
    const health = async (port: number) =>
      JSON.parse(
        await engine.within("curl", "--silent", "--fail", `http://127.0.0.1:${port}/health`),
      ) as unknown;

    it("CORE-21: `docker compose up mlos-core` starts the published image, and both ports answer", async () => {
      await compose(mlos.core, "up", "--detach", "--wait", "mlos-core");
      for (const port of [8080, 8081]) assert.deepEqual(await health(port), { status: "healthy" });
      const digest = await mlos.digest("mlos-core", "v1.0.0");
      assert.match(await engine.docker("image", "ls", "--digests", "--no-trunc"), new RegExp(digest));
      await compose(mlos.core, "down");
    });

    it("DISTRO-24: `docker compose up -d` starts the whole stack, healthy, on 8080", async () => {
      await compose(mlos.distro, "up", "--detach", "--wait");
      assert.deepEqual(await health(8080), { status: "healthy" });
      await compose(mlos.distro, "down");
    });
  });
});
