import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { EngineProject, resourceCounts } from "../support/engine";
import { git } from "../support/git-server";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireSigners, sshKey, verifyCommit } from "../support/signed-commits";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";

const formula = "Formula/app.rb";
const manifest = "bucket/app.json";

describe("a release that goes to a Homebrew tap, a Scoop bucket and the AUR", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let host: ServerProcess & { url: string };
  let key: ReturnType<typeof sshKey>;

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3");
    requireSigners(this);
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    await mkdir(path.join(project.directory, "public"));
    host = await startStaticServer(path.join(project.directory, "public"));
    for (const name of ["tap.git", "bucket.git", "aur.git"]) {
      git(project.directory, "init", "--quiet", "--bare", "--initial-branch=main", name);
    }
    key = sshKey(project.directory, ["ed25519"]);
    await project.setSecret("signingKey", key.privateKey);
    await declare("v1.0.0");
  });
  after(async () => {
    await host?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const channels = {
    tap: `homebrewFormula({ tap: "tap.git", description: "Says its version", homepage: "https://acme.example", author,
      signingKey: new pulumi.Config().requireSecret("signingKey"), test: { run: ["app", "version"], prints: "{semver}" } })`,
    bucket: `scoopManifest({ bucket: "bucket.git", description: "Says its version", homepage: "https://acme.example", author })`,
    aur: `aurPackage({ repository: "aur.git", description: "Says its version", homepage: "https://acme.example", author })`,
  };

  const declare = (version: string, declared: readonly string[] = Object.values(channels)) =>
    project.program(`
import * as pulumi from "@pulumi/pulumi";
import { aurPackage, directoryRelease, Distribution, homebrewFormula, ociRegistry, scoopManifest } from "@slipway";

const author = { name: "Acme releases", email: "releases@acme.example" };
new Distribution("app", {
  version: "${version}",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver} {os}\\n' > {output}/app{exe} && chmod +x {output}/app{exe}"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { app: { binaries: ["app"], formats: { windows: "zip" } } },
  release: directoryRelease({ directory: "public", baseUrl: "${host.url}" }),
  channels: [${declared.join(", ")}],
});
`);

  const shown = (repository: string, file: string) =>
    git(path.join(project.directory, repository), "show", `main:${file}`);
  const commits = (repository: string, branch = "main") =>
    git(path.join(project.directory, repository), "log", "--format=%an: %s", branch).split("\n");

  /** The addresses of a text, and the sums beside them. */
  const pairs = (text: string) =>
    [...text.matchAll(/"?url"?:? "([^"$]+)",?\s+"?(?:sha256|hash)"?:? "([0-9a-f]{64})"/g)].map(
      ([, url = "", sum = ""]) => [url, sum] as const,
    );

  async function assertServed(text: string, version: string, count: number) {
    const found = pairs(text);
    assert.equal(found.length, count, text);
    assert.equal(new Set(found.map(([url]) => url)).size, count);
    for (const [url, sum] of found) {
      assert.ok(url.includes(`/v${version}/`), url);
      const answer = await fetch(url);
      assert.equal(answer.status, 200, url);
      assert.equal(digestOf(Buffer.from(await answer.arrayBuffer())), `sha256:${sum}`, url);
    }
  }

  const refuse = (repository: string) =>
    writeFile(
      path.join(project.directory, repository, "hooks", "pre-receive"),
      "#!/bin/sh\necho 'reviews are required' >&2\nexit 1\n",
      { mode: 0o755 },
    );

  it("is previewed, with nothing pushed", async () => {
    const text = await project.preview();
    assert.match(text, /slipway:git:Files: \(create\)[^]*Formula\/app\.rb/);
    for (const name of ["tap.git", "bucket.git", "aur.git"]) {
      assert.equal(git(path.join(project.directory, name), "branch", "--list"), "");
    }
  });

  it("CORE-22: DISTRO-28: MESH-19: MESH-20: names what can be downloaded, by its sum; once", async () => {
    await project.upWithoutPreview();
    await assertServed(shown("tap.git", formula), "1.0.0", 4);
    await assertServed(shown("bucket.git", manifest), "1.0.0", 1);
    assert.deepEqual(commits("tap.git"), ["Acme releases: app v1.0.0"]);
    const tap = path.join(project.directory, "tap.git");
    assert.equal(verifyCommit(tap, "main", { ssh: [key.publicKey] }).ok, true);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.equal(commits("tap.git").length, 1);
  });

  it("is a package of the AUR: two files in one commit on its only branch", async () => {
    const aur = (...args: string[]) => git(path.join(project.directory, "aur.git"), ...args);
    assert.deepEqual(commits("aur.git", "master"), ["Acme releases: app-bin v1.0.0"]);
    assert.deepEqual(aur("ls-tree", "--name-only", "master").split("\n"), [".SRCINFO", "PKGBUILD"]);
    const pattern = /source_(\w+) = [\w.-]+::(\S+)\s+sha256sums_\1 = (\w+)/g;
    const found = [...aur("show", "master:.SRCINFO").matchAll(pattern)];
    assert.equal(found.length, 2);
    for (const [, architecture, url = "", sum] of found) {
      const answer = await fetch(url);
      assert.equal(digestOf(Buffer.from(await answer.arrayBuffer())), `sha256:${sum}`, architecture);
    }
    assert.match(aur("show", "master:PKGBUILD"), /^arch=\('x86_64' 'aarch64'\)$/m);
  });

  it("is put back where somebody edits it by hand", async () => {
    const folder = path.join(project.directory, "other");
    git(project.directory, "clone", "--quiet", "tap.git", "other");
    await writeFile(path.join(folder, formula), "class App < Formula\nend\n");
    git(folder, "commit", "--quiet", "--all", "--message", "by hand");
    git(folder, "push", "--quiet", "origin", "HEAD:main");
    assert.match(await project.preview(), /somebody changed Formula\/app\.rb in tap\.git \(branch main\)/);
    await project.upWithoutPreview();
    await assertServed(shown("tap.git", formula), "1.0.0", 4);
  });

  it("MESH-21: a new version is shown line by line", async () => {
    await declare("v1.1.0");
    const text = await project.preview();
    const lines = text.split("\n").map((line) => line.trim());
    assert.ok(
      lines.some((line) => /^-\s*version "1\.0\.0"/.test(line)),
      text,
    );
    assert.ok(
      lines.some((line) => /^\+\s*version "1\.1\.0"/.test(line)),
      text,
    );
    assert.doesNotMatch(text, /^\s*[-+]\s*desc/m);
  });

  it("MESH-27: a channel that refuses fails the run in the end; all others have the release, and the next run mends it", async () => {
    await refuse("tap.git");
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /1 of 3 channels have not got the release; everything else is published:/);
    assert.match(
      text,
      /- Homebrew formula tap\.git: tap\.git \(branch main\): git push: .*reviews are required/,
    );
    await assertServed(shown("tap.git", formula), "1.0.0", 4);
    await assertServed(shown("bucket.git", manifest), "1.1.0", 1);
    await rm(path.join(project.directory, "tap.git", "hooks", "pre-receive"));
    assert.deepEqual(resourceCounts(await project.upWithoutPreview()).updated, 1);
    await assertServed(shown("tap.git", formula), "1.1.0", 4);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("a pre-release changes neither, nor does a patch of an old line; and both are published", async () => {
    const all = () => [commits("tap.git"), commits("bucket.git"), commits("aur.git", "master")];
    const before = all();
    for (const version of ["v1.2.0-rc.1", "v1.0.1"]) {
      await declare(version);
      const plan = await project.preview();
      assert.match(plan, /tap\.git \(branch main\) stays as it is: /);
      assert.doesNotMatch(plan, /[-+]\s+version "/, "lines that are not going to change");
      const text = await project.upWithoutPreview();
      assert.match(text, /tap\.git \(branch main\) stays as it is: /);
      assert.equal((await fetch(`${host.url}/releases/download/${version}/SHA256SUMS`)).status, 200);
      assert.deepEqual(all(), before);
      assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    }
  });

  it("a channel that leaves the program keeps what it has, and the others go on", async () => {
    await declare("v1.3.0", [channels.bucket]);
    await project.upWithoutPreview();
    await assertServed(shown("tap.git", formula), "1.1.0", 4);
    await assertServed(shown("bucket.git", manifest), "1.3.0", 1);
  });

  for (const [what, change, finding] of [
    [
      "a description that Homebrew refuses",
      ["Says its version", "The app"],
      /channels\[0\]\.description: "The app": Homebrew's rule/,
    ],
    [
      "a host without an address",
      [/, baseUrl: "[^"]+"/, ""],
      /channels\[0\]: no host of the release says where/,
    ],
    [
      "an archive that is not there",
      ["author,\n", 'author, archive: "other",\n'],
      /channels\[0\]\.archive: there is no archive other; declared are app/,
    ],
    [
      "a channel twice",
      ["scoopManifest({ bucket", `${channels.bucket}, scoopManifest({ bucket`],
      /channels\[2\]: Scoop manifest bucket\.git is listed twice/,
    ],
    [
      "a program that nothing has",
      ['run: ["app"', 'run: ["other"'],
      /channels\[0\]\.test\.run: there is no program "other"/,
    ],
  ] as [string, [string | RegExp, string], RegExp][]) {
    it(`is refused with ${what} before anything is registered`, async () => {
      await declare("v1.4.0");
      const program = await project.read("index.ts");
      const changed = program.replace(...change);
      assert.notEqual(changed, program);
      await writeFile(path.join(project.directory, "index.ts"), changed);
      assert.match(await project.fail(["preview", "--stack", "dev"]), finding);
    });
  }
});
