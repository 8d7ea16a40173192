import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { runClient } from "../support/clients";
import { cosignVerifyBlob } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { RequestRecord, tagDigests } from "./observation";

const password = "correct horse battery staple";
const targets = ["linux/amd64", "linux/arm64", "darwin/arm64"];
const archives = targets.map((target) => `hello_1.0.0_${target.replace("/", "_")}.tar.gz`);

const sboms = ["hello", "hello-linux-amd64"].flatMap((name) => [`${name}.spdx.json`, `${name}.cdx.json`]);

/**
 * What the release has to hold: archives, sums, the list of releases, their signatures, and the SBOM of the
 * image.
 */
const expectedAssets = [
  ...archives,
  ...["SHA256SUMS", "releases.json"].flatMap((name) => [name, `${name}.sigstore.json`]),
  ...sboms,
];

/** A target whose toolchain is missing fails; what is missing is a file beside the project. */
const build = `if [ -e "$BROKEN-$GOARCH-$GOOS" ]; then echo "no toolchain for $GOOS/$GOARCH" >&2; exit 3; fi; printf '#!/bin/sh\\necho hello {version} %s' "$GOOS/$GOARCH" > {output}/hello`;

function program(registry: string, github: string): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { cosignKey, Distribution, githubRelease, ociRegistry, semverTags } from "@slipway";

const config = new pulumi.Config();
const token = config.getSecret("token");
const hello = new Distribution("hello", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", binary: "hello" }], user: "65532" } },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  binaries: {
    hello: { command: ["sh", "-c", ${JSON.stringify(build)}], sources: ["source.txt"], executable: false, platforms: ${JSON.stringify(targets)} },
  },
  archives: { hello: { binaries: ["hello"], files: [{ path: "README.md", source: "README.md" }] } },
  release: githubRelease({
    repository: "acme/hello",
    endpoint: ${JSON.stringify(github)},
    ...(token === undefined ? {} : { token }),
    title: "Hello {tag}",
    changelog: "CHANGELOG.md",
  }),
  trust: { sign: cosignKey({ password: config.requireSecret("password") }), },
});
export const artifacts = hello.artifacts;
`;
}

describe("a distribution that is released on GitHub, through the engine", function () {
  this.timeout(300_000);
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let folder: string;

  before(async function () {
    requireTools(this, "pulumi", "registry", "cosign", "sha256sum", "tar", "curl");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-github-"));
    fake = await FakeGitHub.start();
    repository = fake.repository("acme/hello");
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    const pair = await generateKeyPairFiles(password);
    await writeFile(path.join(folder, "cosign.pub"), pair.publicKey);
    project = await EngineProject.create({
      program: program(registry.host, fake.url),
      files: {
        "source.txt": "1",
        "README.md": "# hello\n",
        "CHANGELOG.md": "## [1.0.0] - 2026-01-31\n\n- First.\n",
        "cosign.key": pair.privateKey,
        "cosign.pub": pair.publicKey,
      },
      secrets: { "test:password": password },
      env: { GITHUB_TOKEN: "", GH_TOKEN: "", BROKEN: path.join(folder, "broken") },
    });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
    await fake?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function repositories(): Promise<string[]> {
    const text = await runClient("curl", ["-fsS", `http://${registry.host}/v2/_catalog`]);
    return (JSON.parse(text) as { repositories: string[] }).repositories;
  }

  const tags = () => tagDigests(`${registry.host}/hello`).catch(() => ({}));

  it("MESH-22: a missing token stops before anything is published anywhere", async () => {
    for (const args of [
      ["preview", "--stack", "dev"],
      ["up", "--yes", "--skip-preview", "--stack", "dev"],
    ]) {
      const text = await project.fail(args);
      assert.match(text, /GITHUB_TOKEN/);
      assert.match(text, /acme\/hello/);
    }
    assert.deepEqual(await repositories(), []);
    assert.deepEqual(fake.writes(), []);
  });

  it("one target's build fails: nothing is tagged and nothing is released", async () => {
    await project.setSecret("test:token", fake.token);
    await writeFile(path.join(folder, "broken-arm64-darwin"), "");
    await project.write({ "source.txt": "2" }); // Else the preview of the first test has built it already.
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /exit code 3/);
    assert.match(text, /no toolchain for darwin\/arm64/);
    assert.deepEqual(
      Object.keys(await tags()).filter((tag) => !tag.startsWith("sha256-")),
      [],
      "only what refers to a digest may be there",
    );
    assert.deepEqual(fake.writes(), []);
    await rm(path.join(folder, "broken-arm64-darwin"));
  });

  it("BLEU-17: CORE-17: MESH-14: is released after its tags, with archives, signed sums and SBOMs", async () => {
    const preview = await project.preview();
    assert.match(preview, /notes +: "- First\."/);
    assert.deepEqual(fake.writes(), []);
    await project.upWithoutPreview();
    const release = repository.published("v1.0.0");
    assert.ok(release);
    assert.deepEqual([release.name, release.body], ["Hello v1.0.0", "- First."]);
    assert.ok("v1.0.0" in (await tags()));
    const names = release.assets.map(({ name }) => name).sort();
    assert.deepEqual(names, [...expectedAssets].sort());
    const downloads = await mkdtemp(path.join(folder, "downloads-"));
    for (const { name } of release.assets) {
      const url = `${fake.url}/acme/hello/releases/download/v1.0.0/${name}`;
      await runClient("curl", ["-fsSL", "-o", path.join(downloads, name), url]);
    }
    const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, downloads];
    // All but the sums themselves and their signature, which is made of them.
    const listed = [...archives, ...sboms].map((name) => `${name}: OK`);
    assert.deepEqual((await runClient("sh", check)).split("\n").sort(), listed.sort());
    await runClient("sh", ["-c", `printf ' ' >> "$0"`, path.join(downloads, "hello.spdx.json")]);
    await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
    await cosignVerifyBlob(
      path.join(downloads, "SHA256SUMS"),
      path.join(downloads, "SHA256SUMS.sigstore.json"),
      path.join(folder, "cosign.pub"),
    );
    await cosignVerifyBlob(
      path.join(downloads, "releases.json"),
      path.join(downloads, "releases.json.sigstore.json"),
      path.join(folder, "cosign.pub"),
    );
    for (const [index, archive] of archives.entries()) {
      await runClient("tar", ["-xzf", path.join(downloads, archive), "-C", downloads]);
      assert.equal(await runClient("sh", [path.join(downloads, "hello")]), `hello v1.0.0 ${targets[index]}`);
    }
  });

  it("PROD-03: MESH-27: a second update writes nothing, on GitHub or to the registry", async () => {
    fake.forget();
    await requests.take();
    assert.deepEqual(Object.keys(resourceCounts(await project.up())), ["unchanged"]);
    assert.deepEqual(fake.writes(), []);
    assert.deepEqual(
      (await requests.take()).filter(({ method }) => !["GET", "HEAD"].includes(method)),
      [],
    );
  });

  it("MESH-25: PROD-04: an asset that was deleted by hand is named, and put back in the release that is there", async () => {
    const release = repository.published("v1.0.0");
    assert.ok(release);
    const { id, createdAt, publishedAt } = release;
    repository.removeAsset(release, archives[1] ?? "");
    const preview = await project.preview();
    assert.ok(preview.includes(`uploads ${archives[1]}`), preview);
    fake.forget();
    await project.upWithoutPreview();
    assert.deepEqual(fake.uploaded(), [archives[1]]);
    const again = repository.published("v1.0.0");
    assert.deepEqual([again?.id, again?.createdAt, again?.publishedAt], [id, createdAt, publishedAt]);
    assert.equal(again?.assets.length, expectedAssets.length);
    const local = digestOf(
      await readFile(path.join(project.directory, "dist/dev/v1.0.0", archives[1] ?? "")),
    );
    assert.equal(again?.assets.find(({ name }) => name === archives[1])?.digest, local);
  });

  it("MESH-25: another machine without any state takes the release over: same id, same dates, no asset sent", async () => {
    const release = repository.published("v1.0.0");
    assert.ok(release);
    const { id, createdAt, publishedAt } = release;
    const other = await EngineProject.create({
      program: program(registry.host, fake.url),
      files: Object.fromEntries(
        await Promise.all(
          ["source.txt", "README.md", "CHANGELOG.md", "cosign.key", "cosign.pub"].map(
            async (name) => [name, await project.read(name)] as const,
          ),
        ),
      ),
      secrets: { "test:password": password, "test:token": fake.token },
      env: { GITHUB_TOKEN: "", GH_TOKEN: "", BROKEN: path.join(folder, "broken") },
    });
    try {
      fake.forget();
      await other.upWithoutPreview();
      const again = repository.published("v1.0.0");
      assert.deepEqual([again?.id, again?.createdAt, again?.publishedAt], [id, createdAt, publishedAt]);
      assert.deepEqual(
        fake.uploaded().filter((name) => !/sigstore|spdx/.test(name)),
        [],
        "only what is made again each time may be",
      );
    } finally {
      await other.remove();
    }
  });

  it("MESH-14: a release of nothing but SBOMs has their sums, signed", async () => {
    const directory = 'directoryRelease({ directory: "public" })';
    const text = program(registry.host, fake.url)
      .replace(/^ {2}archives: .*$/m, "")
      .replace(/githubRelease\(\{[^]*?\n {2}\}\)/, directory)
      .replace("githubRelease", "directoryRelease");
    const other = await EngineProject.create({
      program: text,
      files: {
        "source.txt": "2",
        "cosign.key": await project.read("cosign.key"),
        "cosign.pub": await project.read("cosign.pub"),
      },
      secrets: { "test:password": password },
      env: { BROKEN: path.join(folder, "broken") },
    });
    try {
      await other.upWithoutPreview();
      const released = path.join(other.directory, "public/releases/download/v1.0.0");
      assert.deepEqual(
        (await runClient("ls", [released])).split("\n").sort(),
        [...sboms, "SHA256SUMS", "SHA256SUMS.sigstore.json"].sort(),
      );
      const checked = await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, released]);
      assert.deepEqual(checked.split("\n").sort(), sboms.map((name) => `${name}: OK`).sort());
      await cosignVerifyBlob(
        path.join(released, "SHA256SUMS"),
        path.join(released, "SHA256SUMS.sigstore.json"),
        path.join(folder, "cosign.pub"),
      );
      assert.deepEqual(Object.keys(resourceCounts(await other.upWithoutPreview())), ["unchanged"]);
    } finally {
      await other.remove();
    }
  });

  it("MESH-22: leaves no token in the state or in what is shown", async () => {
    const text = (await project.state()) + (await project.preview());
    assert.ok(!text.includes(fake.token));
    assert.ok(!text.includes(password));
  });
});
