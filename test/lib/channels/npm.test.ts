import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { checkPrereleaseTag } from "../../../lib/channels/npm/dist-tags";
import { npmPlatform } from "../../../lib/channels/npm/platform";
import {
  mainPackageTexts,
  platformPackageName,
  platformPackageTexts,
  programPath,
  type ProgramPackages,
} from "../../../lib/channels/npm/program-packages";
import { packedFiles, readNpmProject, versionedManifest } from "../../../lib/channels/npm/project";
import { npmVersionOf } from "../../../lib/channels/npm/version";

const packages: ProgramPackages = {
  name: "@acme/hello",
  version: "1.2.0",
  programs: ["hello"],
  platforms: ["linux/amd64", "windows/arm64"],
  description: "Greets the world",
  license: "Apache-2.0",
};

describe("packages of npm of a release", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-npm-"));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it("have the platforms as Node names them, and refuse what it does not run on", () => {
    assert.deepEqual(npmPlatform("windows/386"), { os: "win32", cpu: "ia32" });
    assert.deepEqual(npmPlatform("linux/arm/v7"), { os: "linux", cpu: "arm" });
    assert.equal(platformPackageName(packages, "darwin/arm64"), "@acme/hello-darwin-arm64");
    assert.equal(programPath("hello", "windows/amd64"), "bin/hello.exe");
    for (const platform of ["plan9/amd64", "linux/mips64le"])
      assert.throws(() => npmPlatform(platform), /is none that Node runs on: .*"linux\/amd64"/);
  });

  it("have the version without `v`; build metadata and what is no version are refused", () => {
    assert.equal(npmVersionOf("v1.2.0-rc.1"), "1.2.0-rc.1");
    for (const version of ["v1.2.0+abc", "2026.04.1", "v1.2"])
      assert.throws(() => npmVersionOf(version), /is not a version of a package of npm.*valid examples/);
  });

  it("of a platform say where they are for, and what C library they want where they want one", () => {
    const read = (libc: ProgramPackages["libc"], platform: string) =>
      JSON.parse(platformPackageTexts({ ...packages, libc }, platform)["package.json"] ?? "") as unknown;
    const common = {
      version: "1.2.0",
      license: "Apache-2.0",
      preferUnplugged: true,
    };
    assert.deepEqual(read("musl", "linux/amd64"), {
      ...common,
      name: "@acme/hello-linux-x64",
      description: "Greets the world (linux x64)",
      os: ["linux"],
      cpu: ["x64"],
      libc: ["musl"],
    });
    assert.deepEqual(read("musl", "windows/arm64"), {
      ...common,
      name: "@acme/hello-win32-arm64",
      description: "Greets the world (win32 arm64)",
      os: ["win32"],
      cpu: ["arm64"],
    });
  });

  it("of a program depend on those of its platforms in that very version, and run no script", () => {
    const manifest = JSON.parse(mainPackageTexts(packages)["package.json"] ?? "") as Record<string, unknown>;
    assert.deepEqual(manifest.optionalDependencies, {
      "@acme/hello-linux-x64": "1.2.0",
      "@acme/hello-win32-arm64": "1.2.0",
    });
    assert.deepEqual(manifest.bin, { hello: "bin/hello.js" });
    assert.equal("scripts" in manifest || "mcpName" in manifest, false);
    const ofServer = mainPackageTexts({ ...packages, mcpName: "io.github.acme/hello" })["package.json"] ?? "";
    assert.deepEqual(JSON.parse(ofServer), { ...manifest, mcpName: "io.github.acme/hello" });
    assert.throws(
      () => mainPackageTexts({ ...packages, platforms: ["linux/arm/v6", "linux/arm/v7"] }),
      /platforms: two of linux\/arm\/v6, linux\/arm\/v7 are @acme\/hello-linux-arm in npm/,
    );
  });

  it("take no tag for pre-releases that all would get, or that npm reads as a version", () => {
    checkPrereleaseTag("beta");
    for (const tag of ["latest", "slipway-incomplete", "v1", "x", "1.2", "Beta", ""])
      assert.throws(() => checkPrereleaseTag(tag), /is not a tag for pre-releases/, tag);
  });

  async function project(name: string, manifest: unknown, files: Record<string, string> = {}) {
    const folder = path.join(root, name);
    for (const [file, content] of Object.entries({ "package.json": JSON.stringify(manifest), ...files })) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), content);
    }
    return folder;
  }

  it("of a folder have the files that npm would pack; no script of it is run", async () => {
    const scripts = { prepack: "touch ran", prepare: "touch ran", postpack: "touch ran" };
    const manifest = { name: "hello", version: "0.0.0", files: ["lib", "!lib/secret.js"], scripts };
    const files = {
      "lib/index.js": "",
      "lib/secret.js": "",
      "test/index.js": "",
      "README.md": "",
      LICENSE: "",
      ".npmrc": "//registry.npmjs.org/:_authToken=hidden",
    };
    const folder = await project("files", manifest, files);
    const packed = ["LICENSE", "README.md", "lib/index.js", "package.json"];
    assert.deepEqual(await packedFiles(folder), packed);
    assert.deepEqual(await packedFiles(folder), packed);
    const ignoring = await project(
      "ignoring",
      { name: "hello", version: "0.0.0" },
      {
        ".npmignore": "/test\n",
        ".gitignore": "/lib\n",
        "lib/index.js": "",
        "test/index.js": "",
      },
    );
    assert.deepEqual(await packedFiles(ignoring), ["lib/index.js", "package.json"]);
    await assert.rejects(
      packedFiles(await project("none", { name: "hello" })),
      /npm cannot say what is in the package of .*none: .*version/is,
    );
    const read = readNpmProject(folder);
    assert.deepEqual(JSON.parse(versionedManifest(read, "1.2.0")), { ...manifest, version: "1.2.0" });
  });

  it("are refused of a folder that is none, private, or named as npm takes nothing", async () => {
    assert.throws(
      () => readNpmProject(path.join(root, "absent")),
      /folder: .*package\.json cannot be read: ENOENT/,
    );
    for (const [manifest, reason] of [
      [{ version: "1.0.0" }, /has no name/],
      [[], /has no name/],
      [{ name: "hello", private: true }, /says private: true/],
      [{ name: "Hello" }, /is not a name that npm takes/],
    ] as const) {
      const folder = await project(`refused-${JSON.stringify(manifest).length}`, manifest);
      assert.throws(() => readNpmProject(folder), reason);
    }
  });
});
