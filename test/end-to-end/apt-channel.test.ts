import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { AptMachine } from "../support/apt";
import { resourceCounts, type EngineProject } from "../support/engine";
import { openPgpKey } from "../support/openpgp";
import { RepositoryProject } from "../support/repository-program";
import { requireTools } from "../support/tools";

describe("a release that goes to an APT repository", function () {
  this.timeout(120_000);
  let repository: RepositoryProject;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "apt-get", "dpkg", "dpkg-query");
    repository = await RepositoryProject.start({
      channel: "aptRepository",
      args: (url) => `origin: "Acme", url: "${url}",`,
      directory: "apt",
      key: await openPgpKey("ed25519"),
    });
    project = repository.engine;
  });
  after(() => repository?.stop());

  const declare = (version: string, change = "") => repository.declare(version, change);

  const served = (name: string) => path.join(project.directory, "apt", name);

  async function machine(name: string, architecture = "amd64", source = "app.sources"): Promise<AptMachine> {
    const made = await AptMachine.make(path.join(project.directory, "machines", name), architecture);
    const answer = await fetch(`${repository.url}/${source}`);
    await made.source(await answer.text());
    const { code, output } = await made.apt(["update"]);
    assert.equal(code, 0, output);
    return made;
  }

  async function install(one: AptMachine, ...args: string[]): Promise<void> {
    const { code, output } = await one.apt(args);
    assert.equal(code, 0, output);
  }

  it("is refused before anything is made where Debian's rules say so", async () => {
    await declare("v1.0.0", `relations: { depends: ["libc6 >= 2"] },`);
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /channels\[0\]\.packages\.app\.relations\.depends\[0\]: "libc6 >= 2" is not a relation/,
    );
    await declare("v1.0.0", `platforms: ["linux/riscv64"],`);
    assert.match(await project.fail(["preview", "--stack", "dev"]), /app is not there for linux\/riscv64/);
    await declare("v1.0.0");
  });

  it("is previewed with its packages, and nothing is written", async () => {
    const text = await project.preview();
    assert.match(text, /slipway:apt:Repository: \(create\)/);
    assert.match(text, /slipway:apt:Package: \(create\)/);
    await assert.rejects(readFile(served("app.asc")), /ENOENT/);
  });

  it("DISTRO-32: is installed with both programs and the configuration; a second run changes nothing", async () => {
    await project.upWithoutPreview();
    for (const architecture of ["amd64", "arm64"]) {
      const one = await machine(`first-${architecture}`, architecture);
      await install(one, "install", "-y", "app");
      assert.match(await one.file("usr/bin/app"), new RegExp(`echo app 1\\.0\\.0 ${architecture}`));
      assert.match(await one.file("usr/bin/appctl"), /echo appctl 1\.0\.0/);
      assert.equal(await one.file("etc/app/app.yaml"), "port: 80\n");
    }
    const before = await readFile(served("dists/stable/InRelease"), "utf8");
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.equal(await readFile(served("dists/stable/InRelease"), "utf8"), before);
  });

  it("a deleted index is named by the preview and put back by the update", async () => {
    await rm(served("dists/stable/InRelease"));
    assert.match(await project.preview(), /somebody deleted apt\/dists\/stable\/InRelease/);
    await project.upWithoutPreview();
    await install(await machine("repaired"), "install", "-y", "app");
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("a pre-release reaches those who asked, and the next version everybody", async () => {
    const [stable, testing] = [
      await machine("stable"),
      await machine("testing", "amd64", "app-testing.sources"),
    ];
    await declare("v1.1.0-rc.1");
    await project.upWithoutPreview();
    for (const one of [stable, testing]) {
      await install(one, "update");
      await install(one, "install", "-y", "app");
    }
    assert.deepEqual(await stable.installed(), { app: "1.0.0" });
    assert.deepEqual(await testing.installed(), { app: "1.1.0~rc.1" });
    await declare("v1.1.0");
    await project.upWithoutPreview();
    for (const one of [stable, testing]) {
      await install(one, "update");
      await install(one, "upgrade", "-y");
      assert.deepEqual(await one.installed(), { app: "1.1.0" });
    }
  });

  it("a version with other bytes is refused, with both digests", async () => {
    await declare("v1.1.0", 'section: "net",');
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /app_1\.1\.0_amd64\.deb is published as sha256:[0-9a-f]{64}, and this program makes\s+sha256:/,
    );
  });

  it("the key is nowhere in clear but where it is given", () => repository.assertKeyIsHidden());
});
