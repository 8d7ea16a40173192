import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { recordedAddress } from "../../lib/embedded/address";
import { removeBuilder } from "../../lib/embedded/builder";
import { stop } from "../../lib/embedded/registry";
import { ensureBuilt } from "../../tools/build.cjs";
import { dockerBuildPlugin, requireBuildKit } from "../support/buildkit";
import { crane } from "../support/clients";
import { engineEnvironment, PulumiProject, repository } from "../support/engine";
import { installPackage } from "../support/installed-package";
import { sampleRepositories, writeSample } from "../support/sample-repositories";
import { requireTools } from "../support/tools";
import { run as runProcess } from "../tools/source-process";

const program = path.join(repository, "cli", "slipway.cjs");
const execute = promisify(execFile);

describe("what slipway init proposes", function () {
  this.timeout(300_000);
  let root: string;
  const projects: PulumiProject[] = [];

  before(async () => {
    await ensureBuilt({ ifStale: true });
    root = await mkdtemp(path.join(tmpdir(), "slipway-init-"));
  });
  after(async () => {
    for (const project of projects) {
      await removeBuilder(project.directory);
      await stop(project.directory);
    }
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Puts a sample into a folder, and the proposal for it. */
  async function proposed(folder: string, name: string): Promise<void> {
    const sample = sampleRepositories[name];
    assert.ok(sample, name);
    await mkdir(folder, { recursive: true });
    await writeSample(folder, sample);
    await execute(process.execPath, [program, "init", "--yes"], { cwd: folder });
  }

  /** The same as a project that has the package, and a stack. */
  async function project(name: string): Promise<PulumiProject> {
    const top = path.join(root, `project-${name}`);
    const folder = path.join(top, name);
    await proposed(folder, name);
    await installPackage(folder);
    await mkdir(path.join(top, "state"));
    const made = new PulumiProject(folder, top, engineEnvironment(top));
    projects.push(made);
    await made.succeed(["stack", "init", "dev"]);
    return made;
  }

  it("is a program that the compiler takes, for repositories of every kind", async () => {
    const folder = path.join(root, "types");
    const names = Object.keys(sampleRepositories);
    assert.ok(names.length >= 12);
    for (const name of names) await proposed(path.join(folder, name), name);
    const paths = {
      slipway: [path.join(repository, "components", "index.ts")],
      "@pulumi/pulumi": [path.join(repository, "node_modules", "@pulumi", "pulumi", "index.d.ts")],
    };
    const files = await Promise.all(
      names.map(async (name) => {
        const main = /^main: (.*)$/m.exec(
          await readFile(path.join(folder, name, "Pulumi.yaml"), "utf8"),
        )?.[1];
        return path.join(name, main ?? "");
      }),
    );
    const shared = JSON.parse(await readFile(path.join(repository, "tsconfig.json"), "utf8")) as {
      compilerOptions: object;
    };
    const options = {
      ...shared.compilerOptions,
      noEmit: true,
      incremental: false,
      paths,
      typeRoots: [path.join(repository, "node_modules", "@types")],
    };
    await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
    const tsc = path.join(repository, "node_modules", "typescript", "bin", "tsc");
    const { code, stdout } = await runProcess(process.execPath, [tsc, "-p", folder], { cwd: folder });
    assert.equal(code, 0, stdout);
  });

  it("publishes programs, archives and an image of what had releases only", async function () {
    requireTools(this, "pulumi", "registry", "crane", "go");
    const made = await project("releases-but-no-images");
    const preview = await made.preview();
    assert.match(preview, /will be new|to create/);
    await made.up();
    const image = `${recordedAddress(made.directory) ?? ""}/ctl`;
    assert.deepEqual(
      (await crane(["ls", image]))
        .trim()
        .split("\n")
        .filter((tag) => !tag.startsWith("sha256-"))
        .sort(),
      ["3", "3.0", "3.0.0", "latest"],
    );
    const release = path.join(made.directory, ".slipway", "releases", "ctl", "releases", "download", "3.0.0");
    const files = await readdir(release);
    for (const name of [
      "ctl_3.0.0_linux_amd64.tar.gz",
      "ctl_3.0.0_darwin_arm64.tar.gz",
      "ctl_3.0.0_windows_amd64.zip",
      "SHA256SUMS",
    ])
      assert.ok(files.includes(name), `${name} in ${files.join(", ")}`);
    assert.match(await made.preview(), /Resources:\s+\d+ unchanged/);
  });

  it("publishes what a workflow built, with its tags, and --check looks at it first", async function () {
    requireTools(this, "pulumi", "registry", "crane", "go");
    const made = await project("go-command");
    // A second proposal is compared with nothing: --check is about what it has just written.
    const other = path.join(root, "checked", "go-command");
    await mkdir(other, { recursive: true });
    const sample = sampleRepositories["go-command"];
    assert.ok(sample);
    await writeSample(other, sample);
    await installPackage(other);
    projects.push(new PulumiProject(other, other, made.env));
    const { stdout } = await execute(process.execPath, [program, "init", "--yes", "--check"], {
      cwd: other,
      env: made.env,
    });
    assert.match(stdout, /program[^]*is read, and declares what is asked about here/);
    assert.match(stdout, /v1\.2\.0/);
    assert.equal(
      (await readFile(path.join(other, "Pulumi.dev.yaml"), "utf8")).includes("encryptionsalt"),
      false,
    );
    await made.upWithoutPreview();
    const image = `${recordedAddress(made.directory) ?? ""}/hello:v1.2.0`;
    const manifest = JSON.parse(await crane(["manifest", image])) as { manifests: unknown[] };
    assert.equal(manifest.manifests.length, 2);
  });

  it("publishes an image of a Dockerfile", async function () {
    requireTools(this, "pulumi", "registry", "crane");
    requireBuildKit(this);
    const made = await project("no-release-yet");
    await appendFile(
      path.join(made.directory, "Pulumi.yaml"),
      `    - name: docker-build\n      path: ${dockerBuildPlugin()}\n`,
    );
    await made.succeed(["config", "set", "builder", "embedded", "--stack", "dev"]);
    await made.upWithoutPreview();
    const image = `${recordedAddress(made.directory) ?? ""}/no-release-yet:v0.1.0`;
    assert.match(await crane(["config", image]), /"architecture":"amd64"/);
  });
});
