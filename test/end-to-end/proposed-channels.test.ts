import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { hasProgram } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { decide, FakeGitHub, type FakeRepository } from "../support/fake-github";
import { git } from "../support/git-server";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";

describe("a release that is proposed to an index of others", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let root: string;
  let fake: FakeGitHub;
  let index: FakeRepository;
  let windows: FakeRepository;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry");
    requirement(this, hasProgram("git"), "git is not on PATH");
    root = await mkdtemp(path.join(tmpdir(), "slipway-proposed-"));
    registry = await startDistribution();
    fake = await FakeGitHub.start();
    fake.gitRoot = root;
    fake.repository("acme/app");
    index = fake.repository("plugins/index");
    windows = fake.repository("windows/pkgs");
    fake.repository("acme/index", { forkOf: "plugins/index" });
    for (const owner of ["plugins", "acme", "windows"]) await mkdir(path.join(root, owner));
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", "plugins/index.git");
    git(root, "clone", "--quiet", "plugins/index.git", "hand");
    await writeFile(path.join(root, "hand", "README.md"), "# plugins\n");
    git(hand(), "add", "--all");
    git(hand(), "commit", "--quiet", "--message", "first");
    git(hand(), "push", "--quiet", "origin", "HEAD:main");
    git(root, "clone", "--quiet", "--bare", "plugins/index.git", "acme/index.git");
    git(root, "clone", "--quiet", "--bare", "plugins/index.git", "windows/pkgs.git");
    project = await EngineProject.create({
      program: program("v1.0.0"),
      files: { "app.txt": "1" },
      secrets: { token: fake.token },
    });
  });
  after(async () => {
    await project?.remove();
    await fake?.stop();
    await registry?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const hand = () => path.join(root, "hand");
  const program = (version: string) => `
import * as pulumi from "@pulumi/pulumi";
import { Distribution, githubRelease, krewPlugin, ociRegistry, wingetPackage } from "@slipway";

const token = new pulumi.Config().requireSecret("token");
const author = { name: "Acme releases", email: "releases@acme.example" };
new Distribution("app", {
  version: "${version}",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "kubectl-app" }] } },
  binaries: {
    "kubectl-app": {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver}\\n' > {output}/kubectl-app{exe} && chmod +x {output}/kubectl-app{exe}"],
      platforms: ["linux/amd64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { app: { binaries: ["kubectl-app"], formats: { windows: "zip" } } },
  release: githubRelease({ repository: "acme/app", endpoint: "${fake.url}", token }),
  channels: [
    krewPlugin({
      index: "${fake.url}/plugins/index.git",
      token,
      author,
      shortDescription: "Says its version",
      homepage: "https://acme.example",
      pullRequest: { fork: "acme/index" },
    }),
    wingetPackage({
      identifier: "Acme.App",
      repository: "${fake.url}/windows/pkgs.git",
      branch: "main",
      token,
      author,
      description: "Says its version",
      homepage: "https://acme.example",
      license: "Apache-2.0",
      pullRequest: true,
    }),
  ],
});
`;

  it("waits for a merge without a failure, a difference or a second pull request, and is published then", async () => {
    await project.preview();
    assert.deepEqual(index.pulls, []);
    const first = await project.upWithoutPreview();
    assert.match(JSON.stringify(first), /pull request #1 is open: http[^"]*\/plugins\/index\/pull\/1/);
    assert.deepEqual(
      index.pulls.map(({ label, title, state }) => [label, title, state]),
      [["acme:slipway/app-1.0.0", "app v1.0.0", "open"]],
    );
    const fork = path.join(root, "acme/index.git");
    assert.match(git(fork, "show", "slipway/app-1.0.0:plugins/app.yaml"), /releases\/download\/v1\.0\.0/);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.equal(index.pulls.length, 1);
    git(hand(), "pull", "--quiet", "--no-edit", fork, "slipway/app-1.0.0");
    git(hand(), "push", "--quiet", "origin", "HEAD:main");
    decide(index, 1, "merged");
    // Each version of winget has a pull request of its own, and a lower one stays beside a higher one.
    assert.deepEqual(
      windows.pulls.map(({ label, title }) => [label, title]),
      [["windows:slipway/Acme.App-1.0.0", "New version: Acme.App version 1.0.0"]],
    );
    const manifests = git(
      path.join(root, "windows/pkgs.git"),
      ...["diff", "--name-only", "main", "slipway/Acme.App-1.0.0"],
    );
    const folder = "manifests/a/Acme/App/1.0.0";
    assert.deepEqual(manifests.split("\n"), [
      `${folder}/Acme.App.installer.yaml`,
      `${folder}/Acme.App.locale.en-US.yaml`,
      `${folder}/Acme.App.yaml`,
    ]);
    // What the gate is told has changed: it is published.
    assert.equal(resourceCounts(await project.upWithoutPreview()).updated, 1);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    await project.program(program("v1.1.0"));
    await project.upWithoutPreview();
    assert.deepEqual(
      index.pulls.map(({ label }) => label),
      ["acme:slipway/app-1.0.0", "acme:slipway/app-1.1.0"],
    );
    await project.program(program("v1.0.1"));
    await project.upWithoutPreview();
    assert.equal(index.pulls.length, 2);
    assert.deepEqual(
      windows.pulls.map(({ label, state }) => `${label} ${state}`),
      ["1.0.0", "1.1.0", "1.0.1"].map((version) => `windows:slipway/Acme.App-${version} open`),
    );
    assert.doesNotMatch(JSON.stringify(await project.state()), new RegExp(fake.token));
    assert.deepEqual(fake.violations, []);
  });
});
