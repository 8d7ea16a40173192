import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import { runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { npm, requireVerdaccio, startVerdaccio, type PackageRegistry } from "../support/npm-registry";
import { startProxy, type FaultProxy } from "../support/proxy";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("a release whose program and library go to a registry of npm", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let server: PackageRegistry;
  let proxy: FaultProxy;
  let folders = 0;

  before(async function () {
    requireTools(this, "pulumi", "registry");
    requireVerdaccio(this);
    registry = await startDistribution();
    project = await EngineProject.create({
      program: "",
      files: {
        "app.txt": "1",
        "library/package.json": JSON.stringify({ name: "@acme/library", version: "0.0.0", files: ["lib"] }),
        "library/lib/index.js": "module.exports = require('../package.json').version;\n",
        "library/notes.txt": "not for others",
      },
    });
    server = await startVerdaccio(path.join(project.directory, "verdaccio"));
    proxy = await startProxy(server.port);
  });
  after(async () => {
    await proxy?.stop();
    await server?.stop();
    await registry?.stop();
    await project?.remove();
  });

  interface Declared {
    more?: string;
    token?: string;
    address?: string;
  }
  const declare = (
    version: string,
    {
      more = "",
      token = `token: pulumi.secret(${JSON.stringify(server.token)}),`,
      address = `registry: "http://${proxy.host}",`,
    }: Declared = {},
  ) =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { Distribution, npmPackages, ociRegistry } from "@slipway";

const npm = { ${address} ${token} };
new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver} {os} $1\\nexit 3\\n' > {output}/app{exe} && chmod +x {output}/app{exe}"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  channels: [
    npmPackages({ ...npm, programs: { name: "@acme/app", description: "Says its version" }, ${more} }),
    npmPackages({ ...npm, folder: "library" }),
  ],
});
`);
  const tags = async (name: string) =>
    JSON.parse(
      await npm(path.join(project.directory, "view"), server, "view", name, "dist-tags", "--json"),
    ) as unknown;
  async function installed(...wanted: string[]): Promise<string> {
    const folder = path.join(project.directory, `installed-${++folders}`);
    await npm(folder, server, "install", ...wanted);
    return folder;
  }
  const runs = (folder: string) =>
    runClient("sh", ["-c", `'${folder}/node_modules/.bin/app' "a b"; echo "ended with $?"`], {});

  it("refuses what npm cannot carry, and a token that is missing, before anything is made", async () => {
    await declare("v1.0.0+abc");
    await assert.rejects(
      project.preview(),
      /channels\[0\]\.version: "v1\.0\.0\+abc" is not a version of a package of npm/,
    );
    await declare("v1.0.0", { token: "", address: "" });
    await assert.rejects(project.preview(), /channels\[0\]\.token: npm takes no packages without one/);
    assert.deepEqual(proxy.requests, []);
  });

  it("is a package for each platform and one that depends on them; npm installs and npx runs it", async () => {
    await declare("v1.0.0");
    assert.match(await project.preview(), /slipway:npm:Package: \(create\)/);
    assert.equal(proxy.count("PUT"), 0);
    await project.upWithoutPreview();
    const put = proxy.requests
      .filter(({ method }) => method === "PUT")
      .map((one) => decodeURIComponent(one.path));
    const app = put.filter((one) => one.includes("@acme/app"));
    assert.deepEqual(app.slice(0, 5), [
      "/@acme/app-linux-x64",
      "/@acme/app-linux-arm64",
      "/@acme/app-darwin-arm64",
      "/@acme/app-win32-x64",
      "/@acme/app",
    ]);
    assert.equal(app.at(-1), "/-/package/@acme/app/dist-tags/latest");
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    const folder = await installed("@acme/app");
    assert.equal(await runs(folder), "1.0.0 linux a b\nended with 3");
    const listed = await runClient("ls", [path.join(folder, "node_modules/@acme")], {});
    assert.deepEqual(listed.split("\n"), ["app", `app-linux-${process.arch}`]);
    const called = path.join(project.directory, "called");
    const ran = npm(called, server, "exec", "--yes", "--package=@acme/app", "-c", "app x || test $? = 3");
    assert.equal(await ran, "1.0.0 linux x");
  });

  it("a package whose program was left out says what to do", async () => {
    const folder = path.join(project.directory, "without");
    await npm(folder, server, "install", "--omit=optional", "@acme/app");
    const said = await runClient("sh", ["-c", `'${folder}/node_modules/.bin/app' 2>&1 || true`], {});
    assert.match(
      said,
      /app: @acme\/app-linux-\w+ is not installed.*--omit=optional.*install @acme\/app again/,
    );
  });

  it("is the folder of a library with what npm packs of it, in the version of the release", async () => {
    const folder = await installed("@acme/library");
    const read = await runClient(
      "node",
      ["-p", `require('${folder}/node_modules/@acme/library/lib/index.js')`],
      {},
    );
    assert.equal(read, "1.0.0");
    const files = await runClient("ls", [path.join(folder, "node_modules/@acme/library")], {});
    assert.deepEqual(files.split("\n"), ["lib", "package.json"]);
  });

  it("refuses a changed library in the same version, with both integrities, at preview", async () => {
    await writeFile(path.join(project.directory, "library/lib/index.js"), "changed\n");
    await assert.rejects(
      project.preview(),
      /has @acme\/library@1\.0\.0 with the integrity sha512-\S+, and this program has it with sha512-/,
    );
  });

  it("a candidate has a tag of its own; a patch of an old line leaves `latest`, and is held", async () => {
    await declare("v1.1.0-rc.1", { more: 'prereleaseTag: "beta",' });
    await project.upWithoutPreview();
    assert.deepEqual(await tags("@acme/app"), { latest: "1.0.0", beta: "1.1.0-rc.1" });
    assert.deepEqual(await tags("@acme/library"), { latest: "1.0.0", next: "1.1.0-rc.1" });
    assert.match(await runs(await installed("@acme/app@beta")), /^1\.1\.0-rc\.1 linux/);
    await declare("v1.1.0", { more: 'prereleaseTag: "beta",' });
    await project.upWithoutPreview();
    await declare("v1.0.1", { more: 'prereleaseTag: "beta",' });
    await project.upWithoutPreview();
    assert.deepEqual(await tags("@acme/app"), { latest: "1.1.0", beta: "1.1.0-rc.1" });
    assert.match(await runs(await installed("@acme/app")), /^1\.1\.0 linux/);
    assert.match(await runs(await installed("@acme/app@1.0.1")), /^1\.0\.1 linux/);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("a platform that fails leaves `latest` to the former version, the other channel goes on, and a run again ends it", async () => {
    await declare("v1.2.0");
    proxy.inject({
      method: "PUT",
      path: /app-win32-x64/,
      fault: { kind: "respond", status: 400, body: '{"error":"not today"}' },
    });
    await assert.rejects(project.upWithoutPreview(), (error: Error) => {
      assert.match(
        error.message,
        /npm packages @acme\/app in .*publishing @acme\/app-win32-x64@1\.2\.0 .*not today/s,
      );
      assert.ok(!error.message.includes(server.token));
      return true;
    });
    assert.deepEqual(await tags("@acme/app"), { latest: "1.1.0", beta: "1.1.0-rc.1" });
    assert.match(await runs(await installed("@acme/app")), /^1\.1\.0 linux/);
    assert.equal(((await tags("@acme/library")) as Record<string, string>).latest, "1.2.0");
    proxy.reset();
    await project.upWithoutPreview();
    assert.match(await runs(await installed("@acme/app")), /^1\.2\.0 linux/);
  });
});
