import assert from "node:assert/strict";
import { EngineProject, resourceCounts } from "../support/engine";
import { FakeGitHub, type FakeRepository } from "../support/fake-github";
import { requireTools } from "../support/tools";

const program = `
import { GitHubRelease } from "@slipway";

const release = new GitHubRelease("hello", {
  repository: "acme/hello",
  tag: "v1.0.0",
  title: "hello v1.0.0",
  notes: "First.",
  assets: [
    { name: "hello_v1.0.0_linux-amd64.tar.gz", path: "hello.tar.gz" },
    { name: "SHA256SUMS", path: "SHA256SUMS" },
  ],
});
export const url = release.url;
export const id = release.releaseId;
`;

describe("a release of GitHub, through the engine", function () {
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi");
    fake = await FakeGitHub.start();
    repository = fake.repository("acme/hello");
    project = await EngineProject.create({
      program,
      files: { "hello.tar.gz": "archive", SHA256SUMS: "sums" },
      secrets: { "slipway:github": JSON.stringify({ endpoint: fake.url, token: fake.token }) },
      env: { GITHUB_TOKEN: "", GH_TOKEN: "" },
    });
  });
  after(async () => {
    await project?.remove();
    await fake?.stop();
  });

  it("is previewed with its assets, and nothing is written", async () => {
    const text = await project.preview();
    assert.deepEqual(resourceCounts(text), { create: 2 });
    assert.match(
      text,
      /acme\/hello: v1\.0\.0 will be published with SHA256SUMS, hello_v1\.0\.0_linux-amd64\.tar\.gz/,
    );
    assert.deepEqual(fake.writes(), []);
  });

  it("BLEU-17: is published by one update, and the second changes nothing", async () => {
    await project.up();
    const outputs = await project.outputs<{ url: string; id: number }>();
    assert.equal(outputs.id, repository.published("v1.0.0")?.id);
    assert.match(outputs.url, /releases\/tag\/v1\.0\.0$/);
    fake.forget();
    assert.deepEqual(resourceCounts(await project.up()), { unchanged: 2 });
    assert.deepEqual(fake.writes(), []);
  });

  it("is shown with both digests where an asset was replaced by hand, and put back by a plain update", async () => {
    const there = repository.published("v1.0.0");
    assert.ok(there);
    const [digest] = there.assets.filter(({ name }) => name === "SHA256SUMS").map((asset) => asset.digest);
    repository.removeAsset(there, "SHA256SUMS");
    const other = repository.asset(there, "SHA256SUMS", "of somebody else");
    there.body = "edited";
    const text = await project.preview();
    assert.deepEqual(resourceCounts(text), { update: 1, unchanged: 1 });
    assert.match(text, /~ notes +: "edited" => "First\."/, text);
    assert.match(text, new RegExp(`~ SHA256SUMS: "${other.digest}" => "${digest}"`), text);
    await project.up();
    assert.equal(there.body, "First.");
    assert.deepEqual(
      there.assets
        .map((asset) => asset.digest)
        .sort()
        .includes(digest ?? ""),
      true,
    );
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 2 });
  });

  it("MESH-22: leaves no token in the state or in what is shown", async () => {
    const shown = await project.succeed(["stack", "--stack", "dev", "--show-urns"]);
    assert.ok(!((await project.state()) + shown + (await project.preview())).includes(fake.token));
  });

  it("PROD-07: stays published when it leaves the program", async () => {
    await project.program("export {};");
    fake.forget();
    const text = await project.up();
    assert.match(text, /retain/i);
    assert.deepEqual(fake.writes(), []);
    assert.ok(repository.published("v1.0.0"));
  });
});
