import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { EngineProject, resourceCounts } from "../support/engine";
import { openPgpKey } from "../support/openpgp";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { DnfMachine } from "../support/rpm";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";

describe("a release that goes to an RPM repository", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let host: ServerProcess & { url: string };
  let key: string;

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "dnf", "rpm");
    registry = await startDistribution();
    key = await openPgpKey("ed25519");
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", "app.yaml": "port: 80\n" },
    });
    host = await startStaticServer(project.directory);
    await declare("v1.0.0");
  });
  after(async () => {
    await host?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, change = "") =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { directoryRelease, Distribution, ociRegistry, rpmRepository } from "@slipway";

const program = {
  sources: ["app.txt"],
  command: ["sh", "-c", "printf '#!/bin/sh\\necho {name} {semver} {arch}\\n' > {output}/{name}{exe} && chmod +x {output}/{name}{exe}"],
  platforms: ["linux/amd64", "linux/arm64", "darwin/arm64"],
  executable: false,
};
new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  binaries: { app: program, appctl: program },
  registries: [ociRegistry({ host: "${registry.host}" })],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  platforms: ["linux/amd64"],
  archives: { app: { binaries: ["app", "appctl"] } },
  release: directoryRelease({ directory: "public", baseUrl: "${host.url}/public" }),
  channels: [
    rpmRepository({
      directory: "rpm",
      label: "Acme tools",
      url: "${host.url}/rpm",
      maintainer: "Acme <releases@acme.example>",
      key: pulumi.secret(${JSON.stringify(key)}),
      packages: {
        app: {
          programs: ["app", "appctl"],
          description: "Says its version",
          files: [{ to: "/etc/app/app.yaml", source: "app.yaml" }],
          ${change}
        },
      },
    }),
  ],
});
`);

  const repomd = () => path.join(project.directory, "rpm/repodata/repomd.xml");

  async function machine(name: string, architecture?: string): Promise<DnfMachine> {
    const made = await DnfMachine.make(path.join(project.directory, "machines", name), architecture);
    const answer = await fetch(`${host.url}/rpm/app.repo`);
    await made.repository(await answer.text());
    return made;
  }

  async function succeeds(one: DnfMachine, ...args: string[]): Promise<void> {
    const { code, output } = await one.dnf(...args);
    assert.equal(code, 0, output);
  }

  it("is refused before anything is made where rpm's rules say so", async () => {
    await declare("v1.0.0", `relations: { requires: ["glibc>=2"] },`);
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /channels\[0\]\.packages\.app\.relations\.requires\[0\]: "glibc>=2" is not a relation/,
    );
    await declare("v1.0.0", `platforms: ["linux/riscv64"],`);
    assert.match(await project.fail(["preview", "--stack", "dev"]), /app is not there for linux\/riscv64/);
    await declare("v1.0.0");
  });

  it("is installed with both programs and the configuration; a second run changes nothing", async () => {
    await project.upWithoutPreview();
    for (const [architecture, arch] of [
      ["x86_64", "amd64"],
      ["aarch64", "arm64"],
    ]) {
      const one = await machine(`first-${architecture}`, architecture);
      await succeeds(one, "install", "app");
      assert.match(await one.file("usr/bin/app"), new RegExp(`echo app 1\\.0\\.0 ${arch}`));
      assert.match(await one.file("usr/bin/appctl"), /echo appctl 1\.0\.0/);
      assert.equal(await one.file("etc/app/app.yaml"), "port: 80\n");
    }
    const before = await readFile(repomd(), "utf8");
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.equal(await readFile(repomd(), "utf8"), before);
  });

  it("a deleted list of the lists is named by the preview and put back by the update", async () => {
    await rm(repomd());
    assert.match(await project.preview(), /somebody deleted rpm\/repodata\/repomd\.xml/);
    await project.upWithoutPreview();
    await succeeds(await machine("repaired"), "install", "app");
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("a pre-release leaves it as it is, and the next version reaches everybody", async () => {
    const one = await machine("upgraded");
    await succeeds(one, "install", "app");
    const before = await readFile(repomd(), "utf8");
    await declare("v1.1.0-rc.1");
    assert.match(
      (await project.upWithoutPreview()).replaceAll(/\s+/g, " "),
      /v1\.1\.0-rc\.1 is a pre-release, and only stable versions are for it/,
    );
    assert.equal(await readFile(repomd(), "utf8"), before);
    await declare("v1.1.0");
    await project.upWithoutPreview();
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/app"), /echo app 1\.1\.0/);
    await succeeds(await machine("former"), "install", "app-1.0.0");
  });

  it("a version with other bytes is refused, with both digests", async () => {
    await declare("v1.1.0", 'homepage: "https://acme.example",');
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /app-1\.1\.0-1\.x86_64\.rpm is published as sha256:[0-9a-f]{64}, and this program makes\s+sha256:/,
    );
  });

  it("the key is nowhere in clear but where it is given", async () => {
    const lines = key.split(/\r?\n/).filter((line) => line.length > 40);
    assert.ok(lines.length > 2);
    const state = await project.state();
    for (const line of lines) assert.ok(!state.includes(line));
  });
});
