import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { apkKey, apkMachine } from "../support/apk";
import type { ApkMachine } from "../support/apk-machine";
import { resourceCounts, type EngineProject } from "../support/engine";
import { RepositoryProject } from "../support/repository-program";
import { requireTools } from "../support/tools";

describe("a release that goes to a repository of Alpine", function () {
  this.timeout(120_000);
  let repository: RepositoryProject;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "openssl", "tar");
    repository = await RepositoryProject.start({
      channel: "apkRepository",
      args: () => 'label: "Acme tools",',
      directory: "alpine",
      key: await apkKey(),
    });
    project = repository.engine;
  });
  after(() => repository?.stop());

  const declare = (version: string, change = "") => repository.declare(version, change);

  const index = () => path.join(project.directory, "alpine/x86_64/APKINDEX.tar.gz");

  async function machine(name: string, architecture?: string): Promise<ApkMachine> {
    const made = await apkMachine(path.join(project.directory, "machines", name), architecture);
    const answer = await fetch(`${repository.url}/app.rsa.pub`);
    await made.trust("app.rsa.pub", await answer.text());
    await made.repository(repository.url);
    return made;
  }

  async function succeeds(one: ApkMachine, ...args: string[]): Promise<void> {
    const { code, output } = await one.apk(...args);
    assert.equal(code, 0, output);
  }

  it("is refused before anything is made where apk's rules say so", async () => {
    await declare("v1.0.0", `relations: { depends: ["musl >= 1"] },`);
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /channels\[0\]\.packages\.app\.relations\.depends\[0\]: "musl >= 1" is not a relation/,
    );
    await declare("v1.0.0+build");
    assert.match(await project.fail(["preview", "--stack", "dev"]), /has build metadata/);
    await declare("v1.0.0");
  });

  it("is installed with both programs and the configuration; a second run changes nothing", async () => {
    await project.upWithoutPreview();
    for (const [architecture, arch] of [
      ["x86_64", "amd64"],
      ["aarch64", "arm64"],
    ]) {
      const one = await machine(`first-${architecture}`, architecture);
      await succeeds(one, "add", "app");
      assert.match(await one.file("usr/bin/app"), new RegExp(`echo app 1\\.0\\.0 ${arch}`));
      assert.match(await one.file("usr/bin/appctl"), /echo appctl 1\.0\.0/);
      assert.equal(await one.file("etc/app/app.yaml"), "port: 80\n");
    }
    const before = await readFile(index());
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.deepEqual(await readFile(index()), before);
  });

  it("a deleted index is named by the preview and put back by the update", async () => {
    const before = await readFile(index());
    await rm(index());
    assert.match(await project.preview(), /somebody deleted alpine\/x86_64\/APKINDEX\.tar\.gz/);
    await project.upWithoutPreview();
    assert.deepEqual(await readFile(index()), before);
  });

  it("a pre-release of any kind leaves it as it is, and the next version reaches everybody", async () => {
    const one = await machine("upgraded");
    await succeeds(one, "add", "app");
    const before = await readFile(index());
    await declare("v1.1.0-dev.1");
    assert.match(
      (await project.upWithoutPreview()).replaceAll(/\s+/g, " "),
      /v1\.1\.0-dev\.1 is a pre-release, and only stable versions are for it/,
    );
    assert.deepEqual(await readFile(index()), before);
    await declare("v1.1.0");
    await project.upWithoutPreview();
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/app"), /echo app 1\.1\.0/);
    await succeeds(await machine("former"), "add", "app=1.0.0-r0");
  });

  it("a version with other bytes is refused, with both identities", async () => {
    await declare("v1.1.0", 'homepage: "https://acme.example",');
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /app-1\.1\.0-r0\.apk is published as Q1\S+, and this program makes\s+Q1/,
    );
  });

  it("a new key beside the former one changes no package, and signs those of the next version", async () => {
    const one = await machine("of-former");
    await succeeds(one, "add", "app");
    const file = path.join(project.directory, "alpine/x86_64/app-1.1.0-r0.apk");
    const before = await readFile(file);
    repository.replaceKey(await apkKey(), 'keyName: "app-2",');
    await declare("v1.1.0");
    assert.match(await project.preview(), /formerFingerprint/);
    assert.equal(resourceCounts(await project.upWithoutPreview()).updated, 1);
    assert.deepEqual(await readFile(file), before);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    await declare("v1.2.0");
    await project.upWithoutPreview();
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/app"), /echo app 1\.2\.0/);
  });

  it("the key is nowhere in clear but where it is given", () => repository.assertKeyIsHidden());
});
