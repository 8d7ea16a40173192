import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { resourceCounts, type EngineProject } from "../support/engine";
import { openPgpKey } from "../support/openpgp";
import { RepositoryProject } from "../support/repository-program";
import { DnfMachine } from "../support/rpm";
import { requireTools } from "../support/tools";

describe("a release that goes to an RPM repository", function () {
  this.timeout(120_000);
  let repository: RepositoryProject;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "dnf", "rpm");
    repository = await RepositoryProject.start({
      channel: "rpmRepository",
      args: (url) => `label: "Acme tools", url: "${url}",`,
      directory: "rpm",
      key: await openPgpKey("ed25519"),
    });
    project = repository.engine;
  });
  after(() => repository?.stop());

  const declare = (version: string, change = "") => repository.declare(version, change);

  const repomd = () => path.join(project.directory, "rpm/repodata/repomd.xml");

  async function machine(name: string, architecture?: string): Promise<DnfMachine> {
    const made = await DnfMachine.make(path.join(project.directory, "machines", name), architecture);
    const answer = await fetch(`${repository.url}/app.repo`);
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

  it("a new key beside the former one changes no package, and signs those of the next version", async () => {
    const one = await machine("of-former");
    await succeeds(one, "install", "app");
    const packages = path.join(project.directory, "rpm/packages/a");
    const before = await readFile(path.join(packages, "app-1.1.0-1.x86_64.rpm"));
    repository.replaceKey(await openPgpKey("ed25519"));
    await declare("v1.1.0");
    assert.match(await project.preview(), /formerFingerprint/);
    assert.equal(resourceCounts(await project.upWithoutPreview()).updated, 1);
    assert.deepEqual(await readFile(path.join(packages, "app-1.1.0-1.x86_64.rpm")), before);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    await declare("v1.2.0");
    await project.upWithoutPreview();
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/app"), /echo app 1\.2\.0/);
  });

  it("the key is nowhere in clear but where it is given", () => repository.assertKeyIsHidden());
});
