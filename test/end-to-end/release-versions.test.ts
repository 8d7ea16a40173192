import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { EngineProject, resourceCounts } from "../support/engine";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { requireTools } from "../support/tools";

/** A release in a folder and one of GitHub, with the same files. */
function program(tag: string): string {
  return `
import { GitHubRelease, ReleaseDirectory } from "@slipway";

const assets = [{ name: "hello.tar.gz", path: "${tag}.tar.gz" }];
export const folder = new ReleaseDirectory("folder", {
  directory: "public",
  tag: "${tag}",
  assets: [{ ...assets[0], digest: "${digestOf(tag)}" }],
}).id;
export const github = new GitHubRelease("github", { repository: "acme/hello", tag: "${tag}", assets }).id;
`;
}

interface Stack {
  checkpoint: { latest: { resources: { type: string; id?: string; outputs?: { tag?: string } }[] } };
}

describe("the versions of a release, through the engine", function () {
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi");
    fake = await FakeGitHub.start();
    repository = fake.repository("acme/hello");
    project = await EngineProject.create({
      program: program("v1.0.0"),
      files: { "v1.0.0.tar.gz": "v1.0.0", "v1.1.0.tar.gz": "v1.1.0" },
      secrets: { "slipway:github": JSON.stringify({ endpoint: fake.url, token: fake.token }) },
      env: { GITHUB_TOKEN: "", GH_TOKEN: "" },
    });
    await project.upWithoutPreview();
  });
  after(async () => {
    await project?.remove();
    await fake?.stop();
  });

  const stateFile = () =>
    path.join(path.dirname(project.directory), "state", ".pulumi", "stacks", "test", "dev.json");
  const stack = async () => JSON.parse(await readFile(stateFile(), "utf8")) as Stack;

  /** Tag of each release in the state, by its id. */
  async function recorded(): Promise<Record<string, string | undefined>> {
    const { resources } = (await stack()).checkpoint.latest;
    return Object.fromEntries(
      resources
        .filter(({ type }) => /:Directory$|:Release$/.test(type))
        .map(({ id, outputs }) => [id ?? "", outputs?.tag]),
    );
  }

  const served = (tag: string) =>
    project.read(`public/releases/download/${tag}/hello.tar.gz`).catch(() => undefined);

  it("a state of the first release of Slipway, whose ids have the tag, is taken over with nothing written", async () => {
    const state = await stack();
    for (const resource of state.checkpoint.latest.resources) {
      if (resource.id === "public") resource.id = "public/releases/tag/v1.0.0";
      if (resource.id === "acme/hello") resource.id = "acme/hello@v1.0.0";
    }
    await writeFile(stateFile(), JSON.stringify(state));
    assert.deepEqual(await recorded(), {
      "acme/hello@v1.0.0": "v1.0.0",
      "public/releases/tag/v1.0.0": "v1.0.0",
    });
    fake.forget();
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 3 });
    const text = await project.upWithoutPreview();
    assert.deepEqual(resourceCounts(text), { unchanged: 3 });
    assert.deepEqual(fake.writes(), []);
    assert.deepEqual(await recorded(), { "acme/hello": "v1.0.0", public: "v1.0.0" });
  });

  it("PROD-02: PROD-07: a new version is shown as an update that takes nothing away", async () => {
    await project.program(program("v1.1.0"));
    fake.forget();
    const text = await project.preview();
    assert.deepEqual(resourceCounts(text), { update: 2, unchanged: 1 });
    assert.doesNotMatch(text, /replace|delete|^\s*- /m, text);
    assert.equal(text.match(/~ tag: "v1\.0\.0" => "v1\.1\.0"/g)?.length, 2, text);
    for (const place of ["public", "acme/hello"]) {
      assert.ok(text.includes(`${place}: v1.1.0 will be published with hello.tar.gz; v1.0.0 stays`), text);
    }
    assert.deepEqual(fake.writes(), []);
    assert.equal(await served("v1.1.0"), undefined);
  });

  it("PROD-09: an update that fails leaves the state at the version that is published, and the next one finishes it", async () => {
    await rm(path.join(project.directory, "v1.1.0.tar.gz"));
    await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.deepEqual(await recorded(), { "acme/hello": "v1.0.0", public: "v1.0.0" });
    assert.equal(repository.published("v1.1.0"), undefined);
    await project.write({ "v1.1.0.tar.gz": "v1.1.0" });
    const text = await project.upWithoutPreview();
    assert.deepEqual(resourceCounts(text), { updated: 2, unchanged: 1 });
    assert.deepEqual(await recorded(), { "acme/hello": "v1.1.0", public: "v1.1.0" });
    assert.deepEqual(await Promise.all(["v1.0.0", "v1.1.0"].map(served)), ["v1.0.0", "v1.1.0"]);
    assert.deepEqual(
      ["v1.0.0", "v1.1.0"].map((tag) => repository.published(tag)?.assets.map(({ digest }) => digest)),
      [[digestOf("v1.0.0")], [digestOf("v1.1.0")]],
    );
    fake.forget();
    assert.deepEqual(resourceCounts(await project.upWithoutPreview()), { unchanged: 3 });
    assert.deepEqual(fake.writes(), []);
  });

  it("an existing release is imported by repository and tag", async () => {
    const other = await EngineProject.create({
      program: `
import { GitHubRelease } from "@slipway";
new GitHubRelease("github", { repository: "acme/hello", tag: "v1.0.0", prerelease: false, assets: [] }, { import: "acme/hello@v1.0.0" });
`,
      secrets: { "slipway:github": JSON.stringify({ endpoint: fake.url, token: fake.token }) },
      env: { GITHUB_TOKEN: "", GH_TOKEN: "" },
    });
    try {
      fake.forget();
      await other.upWithoutPreview();
      assert.deepEqual(resourceCounts(await other.upWithoutPreview()), { unchanged: 2 });
      assert.deepEqual(fake.writes(), []);
    } finally {
      await other.remove();
    }
  });
});
