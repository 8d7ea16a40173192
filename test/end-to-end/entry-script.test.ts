import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { machinePlatform } from "../../lib/command/executable-format";
import { crane, hasProgram, runClient } from "../support/clients";
import { requireDocker, startDocker } from "../support/docker";
import { EngineProject } from "../support/engine";
import { installPackage } from "../support/installed-package";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { RequestRecord, tagDigests } from "./observation";

const program = `
import * as pulumi from "@pulumi/pulumi";
import {
  channelTags, combineTags, configured, configuredList, configuredMode, Distribution, entryScript, ociRegistry, semverTags,
} from "@slipway";

const config = new pulumi.Config();
const script = { stack: "dev", versionFrom: "configuration" } as const;
const app = new Distribution("app", {
  ...configured(config),
  mode: configuredMode(config, "DOCKER_PUSH"),
  registries: [ociRegistry({ host: config.require("registry") })],
  platforms: configuredList(config, "platforms", "DOCKER_PLATFORMS") ?? ["linux/amd64", "linux/arm64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  binaries: {
    tool: {
      command: ["go", "build", "-trimpath", "-ldflags=-X main.version={version}", "-o", "{output}/tool", "."],
      sources: ["*.go", "go.mod"],
      env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false -p=1" },
      platforms: configuredList(config, "targets", "PLATFORMS") ?? ["linux/amd64", "linux/arm64"],
      place: "dist/{os}_{arch}/tool",
    },
  },
  archives: { tool: { binaries: ["tool"] } },
  tags: combineTags(semverTags(), channelTags("dev")),
  documents: [
    entryScript("ci/publish.sh", { ...script, withoutVersion: ["dev"], policies: "policies.json" }),
    entryScript("ci/local/images.sh", { ...script, mode: "load" }),
    entryScript("ci/local/programs.sh", { ...script, mode: "build", only: "programs" }),
  ],
});
export const { loaded, published } = app;
`;

const source = `package main

import "os"

var version = "unknown"

func main() { os.Stdout.WriteString("tool " + version + "\\n") }
`;

describe("scripts that carry a declaration out", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;

  const tags = () => tagDigests(`${registry.host}/app`);
  const versionOf = async () =>
    /"?test:version"?: "?(v[\w.]+)/.exec(await project.read("Pulumi.dev.yaml"))?.[1];

  /** Runs a script in a shell, from another folder than the project's. */
  async function run(
    shell: readonly string[],
    script: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; text: string }> {
    const [command = "", ...before] = shell;
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...before, path.join(project.directory, script), ...args], {
        cwd: path.dirname(project.directory),
        env: { ...project.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, text }));
    });
  }
  const succeed = async (...args: Parameters<typeof run>) => {
    const { code, text } = await run(...args);
    assert.equal(code, 0, text);
    return text;
  };
  const quick = ["--yes", "--skip-preview"];

  before(async function (this: Context) {
    requireTools(this, "pulumi", "registry", "crane", "go");
    for (const one of ["dash", "busybox", "shellcheck"])
      requirement(this, hasProgram(one), `${one} is not installed (apt-get install ${one})`);
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program,
      files: {
        "app.txt": "content\n",
        "main.go": source,
        "go.mod": "module app\n\ngo 1.21\n",
        "policies.json": '{ "all": "advisory" }',
      },
      config: { registry: registry.host, version: "v1.0.0" },
    });
    await installPackage(project.directory);
    const only = ["**:Distribution::*", "**:Document::**"].flatMap((one) => ["--target", one]);
    await project.succeed(["up", ...quick, ...only]);
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  it("are programs, and as shellcheck wants them; --help says what they do, and does nothing", async () => {
    const scripts = ["ci/publish.sh", "ci/local/images.sh", "ci/local/programs.sh"];
    const files = scripts.map((name) => path.join(project.directory, name));
    for (const file of files) assert.equal((await stat(file)).mode & 0o777, 0o755);
    assert.equal(await runClient("shellcheck", ["--shell=sh", ...files]), "");
    await requests.take();
    assert.match(await succeed(["dash"], "ci/publish.sh", ["--help"]), /^usage: ci\/publish\.sh \[VERSION\]/);
    assert.deepEqual(await requests.take(), []);
    assert.deepEqual(await tags(), {});
  });

  it("TINY-13: publish the version of the configuration, under the policy pack", async () => {
    assert.match(await succeed(["dash"], "ci/publish.sh", quick), /promoted-tags-are-signed/);
    assert.deepEqual(Object.keys(await tags()), ["latest", "v1", "v1.0", "v1.0.0"]);
  });

  it("TINY-13: publish a build without a version, which leaves latest and the configuration", async () => {
    const { latest } = await tags();
    await project.write({ "app.txt": "under way\n" });
    const configuration = await project.read("Pulumi.dev.yaml");
    await succeed(["bash", "--posix"], "ci/publish.sh", ["dev", ...quick]);
    const found = await tags();
    assert.equal(found.latest, latest);
    assert.notEqual(found.dev, latest);
    assert.equal(await project.read("Pulumi.dev.yaml"), configuration);
  });

  it("TINY-13: publish the version that they are told, which is that of the configuration then", async () => {
    await succeed(["busybox", "sh"], "ci/publish.sh", ["v2.0.0", ...quick]);
    const found = await tags();
    assert.equal(found["v2.0.0"], found.latest);
    assert.equal(await versionOf(), "v2.0.0");
    await requests.take();
    await succeed(["dash"], "ci/publish.sh", ["latest", ...quick]);
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tags(), found);
  });

  it("TINY-13: stop at the first failure; tags and configuration stay", async () => {
    const before = await tags();
    await requests.take();
    const refused = await run(["dash"], "ci/publish.sh", ["version-3", ...quick]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /version-3/);
    await rm(path.join(project.directory, "app.txt"));
    const failed = await run(["dash"], "ci/publish.sh", ["v3.0.0", ...quick]);
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /app\.txt/);
    await project.write({ "app.txt": "under way\n" });
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tags(), before);
    assert.equal(await versionOf(), "v2.0.0");
  });

  it("MESH-11: build the programs of some targets, with the version in them, and nothing else", async () => {
    const [, architecture = ""] = machinePlatform().split("/");
    const dist = path.join(project.directory, "dist");
    await rm(dist, { recursive: true });
    await requests.take();
    const env = { PLATFORMS: `linux/${architecture}`, VERSION: "v1.2.3" };
    await succeed(["dash"], "ci/local/programs.sh", quick, env);
    assert.deepEqual(await readdir(dist), [`linux_${architecture}`]);
    assert.equal(await runClient(path.join(dist, `linux_${architecture}/tool`), []), "tool v1.2.3");
    assert.deepEqual(await requests.takeWrites(), []);
    assert.equal(await versionOf(), "v2.0.0");
  });

  it("MESH-06: give the images to Docker, and leave the registry as it was", async function () {
    requireDocker(this);
    const engine = await startDocker();
    try {
      const before = await tags();
      await succeed(["busybox", "sh"], "ci/local/images.sh", ["v1.2.3", ...quick], {
        DOCKER_HOST: engine.host,
      });
      assert.deepEqual(await tags(), before);
      assert.match(await engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}"), /\/app:v1\.2\.3$/m);
    } finally {
      await engine.stop();
    }
  });

  it("MESH-04, MESH-06: push where DOCKER_PUSH says so, for the platforms of DOCKER_PLATFORMS", async () => {
    const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
    const env = { DOCKER_PUSH: "true", DOCKER_PLATFORMS: platforms.join(",") };
    await succeed(["bash"], "ci/local/images.sh", ["v2.1.0", ...quick], env);
    const index = JSON.parse(await crane(["manifest", `${registry.host}/app:v2.1.0`])) as {
      manifests: { platform: { os: string; architecture: string; variant?: string } }[];
    };
    assert.deepEqual(
      index.manifests.map(({ platform: { os, architecture, variant } }) =>
        [os, architecture, ...(variant ? [variant] : [])].join("/"),
      ),
      platforms,
    );
  });
});
