import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { githubWorkflow } from "../../../lib/workflows/github";
import { DOCKER_BUILD_VERSION } from "../../../lib/workflows/scripts";
import { actionlint, zizmor } from "../../support/workflow-judges";
import { repository } from "../../support/engine";
import { filled, readWorkflow } from "../../support/workflow-job";
import { requireTools } from "../../support/tools";
import { cases, idle, manual, plain, settings, whole } from "./cases";

/** What a workflow of all kinds of starts has, but for what a case changes. */
const render = (workflow = {}, facts = plain, more = {}) =>
  githubWorkflow({ ...idle, ...workflow }, { ...settings, ...more }, facts);

describe("workflows of GitHub Actions", () => {
  for (const { title, workflow, facts, settings: own } of cases) {
    it(`CAP-29: ${title}: actionlint and shellcheck find nothing, and zizmor no weakness`, async function () {
      this.timeout(30_000);
      requireTools(this, "actionlint", "shellcheck", "zizmor");
      const text = githubWorkflow(workflow, own, facts);
      assert.equal(await actionlint(text), "");
      assert.deepEqual(await zizmor(text), []);
    });
  }

  it("the judges find what is wrong", async function () {
    this.timeout(30_000);
    requireTools(this, "actionlint", "zizmor");
    const bad = render({ manual })
      .replace("github.event_name", "github.no_such_context")
      .replace("ubuntu-24.04", "no-such-runner")
      .replace("run: npm ci", "run: npm ci ${{ inputs.version }}");
    assert.match(await actionlint(bad), /no-such-runner/);
    assert.deepEqual(await zizmor(bad), ["template-injection"]);
  });

  it("CORE-20, BLEU-14: a job has the rights that it needs: the token of the run for its own owner's packages", () => {
    const text = render({ pullRequests: ["main"], branches: ["main"], tags: ["v*"] });
    const { permissions, jobs } = readWorkflow(text);
    assert.deepEqual(permissions, {});
    assert.deepEqual(jobs.check?.permissions, { contents: "read" });
    assert.deepEqual(jobs.comment?.permissions, { "pull-requests": "write" });
    assert.deepEqual(jobs.publish?.permissions, { contents: "read", packages: "write" });
    assert.doesNotMatch(text, /secrets\./);
    assert.match(text, /printf '%s' "\$PACKAGES_TOKEN" \| docker login ghcr\.io --username "\$GITHUB_ACTOR"/);
  });

  const rights: [string, Parameters<typeof render>, object][] = [
    ["a release of its own repository", [{ tags: ["v*"] }, whole], { contents: "write", packages: "write" }],
    [
      "a release of another repository",
      [{ tags: ["v*"] }, whole, { repository: "acme/sources" }],
      { contents: "read", packages: "write" },
    ],
    [
      "packages of another owner",
      [{ tags: ["v*"] }, plain, { repository: "umbrella/hello" }],
      { contents: "read" },
    ],
    [
      "an identity that signs",
      [{ tags: ["v*"] }, { ...plain, signer: { kind: "keyless" } }],
      { contents: "read", packages: "write", "id-token": "write" },
    ],
    [
      "what leaves the release to others",
      [{ tags: ["v*"], without: ["release"] }, whole],
      { contents: "read", packages: "write" },
    ],
  ];
  for (const [title, args, expected] of rights) {
    it(`rights: ${title}`, () =>
      assert.deepEqual(readWorkflow(render(...args)).jobs.publish?.permissions, expected));
  }

  it("a pull request has no secret, no right to write, and no step that signs in", () => {
    const { jobs } = readWorkflow(render({ pullRequests: ["main"], tags: ["v*"] }, whole));
    const { check, comment } = jobs;
    assert.doesNotMatch(JSON.stringify(check), /secrets\.|docker login|COSIGN|github\.token/);
    assert.match(check?.if ?? "", /^github\.event_name == 'pull_request'$/);
    // Who may write a comment runs nothing that the pull request brings.
    assert.deepEqual(
      comment?.steps.map(({ name, uses }) => name ?? uses),
      ["Comment"],
    );
    assert.doesNotMatch(comment?.steps[0]?.run ?? "", /\$\{\{/);
  });

  it("no expression is in the text of a shell", () => {
    for (const { workflow, facts, settings: own } of cases) {
      const { jobs } = readWorkflow(githubWorkflow(workflow, own, facts));
      const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
      assert.ok(runs.length > 0);
      for (const run of runs) assert.doesNotMatch(run, /\$\{\{/);
    }
  });

  it("accounts of registries are secrets by their hosts, or those that are named; none where the program has them", () => {
    const logins = { "docker.io": { username: "HUB_USER", password: "HUB_PASSWORD" } };
    const { jobs } = readWorkflow(render({ tags: ["v*"] }, whole, { logins }));
    const step = jobs.publish?.steps.find(({ name }) => name === "Sign in to registries");
    assert.deepEqual(step?.env, {
      PACKAGES_TOKEN: "${{ github.token }}",
      HUB_USER: "${{ secrets.HUB_USER }}",
      HUB_PASSWORD: "${{ secrets.HUB_PASSWORD }}",
      HARBOR_EXAMPLE_COM_8443_USERNAME: "${{ secrets.HARBOR_EXAMPLE_COM_8443_USERNAME }}",
      HARBOR_EXAMPLE_COM_8443_TOKEN: "${{ secrets.HARBOR_EXAMPLE_COM_8443_TOKEN }}",
    });
    assert.doesNotMatch(step?.run ?? "", /quay/);
  });

  it("one run at a time for a version, however it was started; another one does not push it out of the queue", () => {
    const { jobs } = readWorkflow(render({ tags: ["v*"], branches: ["main"], manual }));
    const group = jobs.publish?.concurrency?.group ?? "";
    const pushed = (name: string) => filled(group, { github: { ref_name: name }, inputs: {} });
    assert.equal(
      pushed("v1.2.3"),
      filled(group, { github: { ref_name: "main" }, inputs: { version: "v1.2.3" } }),
    );
    assert.equal(new Set(["main", "v1.2.3", "v1.2.4"].map(pushed)).size, 3);
    assert.equal(jobs.publish?.concurrency?.["cancel-in-progress"], false);
  });

  it("a version that is started by hand is checked out by its tag; a test need not have one", () => {
    const { jobs } = readWorkflow(render({ tags: ["v*"], manual }));
    const ref = String(jobs.publish?.steps[0]?.with?.ref);
    const github = { sha: "0123", ref_name: "main" };
    const of = (inputs: object) => filled(ref, { github, inputs });
    assert.equal(of({ version: "v1.2.3", environment: "production" }), "refs/tags/v1.2.3");
    assert.equal(of({ version: "v1.2.3", environment: "test" }), "0123");
    assert.equal(of({}), "0123");
  });

  it("TINY-34: bases are taken anew by a job that can write nothing, and proposed by one that runs nothing", () => {
    const refresh = "17 5 1 */3 *";
    const { on, jobs } = readWorkflow(
      render({ pullRequests: ["main"], tags: ["v*"], schedules: { rebuild: "17 4 1 * *", refresh } }, whole),
    );
    assert.deepEqual(on.schedule, [{ cron: "17 4 1 * *" }, { cron: refresh }]);
    const started = (event_name: string, schedule = "") =>
      Object.entries(jobs)
        .filter(([name]) => name !== "comment" && name !== "propose")
        .filter(([, { if: condition = "true" }]) =>
          filled(`\${{ ${condition} }}`, { github: { event_name, event: { schedule } } }),
        )
        .map(([name]) => name);
    assert.deepEqual(started("schedule", refresh), ["refresh"]);
    assert.deepEqual(started("schedule", "17 4 1 * *"), ["publish"]);
    assert.deepEqual(started("push"), ["publish"]);
    assert.deepEqual(started("pull_request"), ["check"]);
    assert.deepEqual(jobs.refresh?.permissions, { contents: "read", packages: "read" });
    assert.doesNotMatch(JSON.stringify(jobs.refresh), /COSIGN|RELEASE_TOKEN|buildx|trivy|slipway up/);
    assert.equal(jobs.propose?.needs, "refresh");
    assert.deepEqual(jobs.propose?.permissions, { contents: "write", "pull-requests": "write" });
    assert.doesNotMatch(JSON.stringify(jobs.propose), /npm|npx|pulumi|secrets\./);
  });

  it("TINY-34: a rebuild takes the bases that there are now, where they are locked", () => {
    const schedules = { rebuild: "17 4 1 * *" };
    const step = (facts: typeof plain) =>
      readWorkflow(render({ tags: ["v*"], schedules }, facts)).jobs.publish?.steps.find(
        ({ name }) => name === "Bases as they are now",
      );
    assert.equal(step(plain), undefined);
    assert.equal(step(whole)?.if, "github.event.schedule == '17 4 1 * *'");
    assert.match(step(whole)?.run ?? "", /npx --no slipway refresh --stack prod/);
  });

  it("caches are used where nothing is released, and nowhere else", () => {
    assert.match(render({ pullRequests: ["main"] }), /actions\/cache@/);
    assert.doesNotMatch(render({ pullRequests: ["main"], tags: ["v*"] }), /actions\/cache@|cache: npm/);
  });

  it("BLEU-15: a builder that can write a cache to a registry is made where a Dockerfile is built", () => {
    assert.match(
      render({ tags: ["v*"] }, whole),
      /docker buildx create --name slipway --driver docker-container/,
    );
    assert.match(render({ tags: ["v*"] }, whole), /binfmt --install arm64\n/);
    assert.match(render({ tags: ["v*"] }, whole, { runsOn: "ubuntu-24.04-arm" }), /binfmt --install amd64\n/);
    assert.doesNotMatch(render({ tags: ["v*"] }), /buildx/);
  });

  describe("with each platform on a runner of its own", () => {
    const split = { ...whole, split: ["linux/amd64", "linux/arm64"] };
    const by = (workflow: object, more = {}) => readWorkflow(render(workflow, split, more)).jobs;

    it("a job for each platform builds natively; it may push packages, and has no key and no other token", () => {
      const { build, publish } = by({ pullRequests: ["main"], tags: ["v*"] }, { deployment: "release" });
      assert.deepEqual(build?.strategy?.matrix.include, [
        { platform: "linux/amd64", part: "linux-amd64", runner: "ubuntu-24.04" },
        { platform: "linux/arm64", part: "linux-arm64", runner: "ubuntu-24.04-arm" },
      ]);
      assert.equal(build?.["runs-on"], "${{ matrix.runner }}");
      assert.deepEqual(build?.permissions, { contents: "read", packages: "write" });
      assert.equal(build?.if, "github.event_name != 'pull_request'");
      assert.equal(build?.environment, "release");
      const text = JSON.stringify(build);
      assert.doesNotMatch(text, /COSIGN|RELEASE_TOKEN|DOCKERHUB|HARBOR|binfmt|trivy/);
      assert.match(text, /docker buildx create/);
      assert.equal(publish?.needs, "build");
      assert.deepEqual(publish?.permissions, { contents: "write", packages: "write" });
      // Who joins builds nothing from Dockerfiles.
      assert.doesNotMatch(JSON.stringify(publish), /buildx|binfmt/);
    });

    it("what a job says it has pushed comes to the job that joins as a file of the run", () => {
      const { build, publish } = by({ tags: ["v*"] });
      const sent = build?.steps.at(-1);
      assert.match(sent?.uses ?? "", /^actions\/upload-artifact@/);
      assert.deepEqual(sent?.with, {
        name: "part-${{ matrix.part }}",
        path: "${{ runner.temp }}/parts/${{ matrix.part }}.json",
        "if-no-files-found": "error",
        overwrite: true,
      });
      const taken = publish?.steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"));
      assert.equal(taken?.with?.path, "${{ runner.temp }}/parts");
      const release = publish?.steps.find(({ name }) => name === "Release");
      assert.equal(release?.env?.SLIPWAY_PARTS, "${{ runner.temp }}/parts");
    });

    it("a test that is started by hand builds all platforms itself, and a pull request does", () => {
      const { check, build, publish } = by({ pullRequests: ["main"], tags: ["v*"], manual });
      assert.match(JSON.stringify(check), /binfmt --install arm64/);
      const of = (job: typeof build, environment: string, result: string) =>
        filled(`\${{ ${(job?.if ?? "").replace(/^\$\{\{|\}\}$/g, "")} }}`, {
          github: { event_name: "workflow_dispatch" },
          inputs: { environment },
          needs: { build: { result } },
        });
      assert.deepEqual(
        ["production", "test"].map((environment) => of(build, environment, "")),
        ["true", ""],
      );
      assert.deepEqual(
        [
          of(publish, "production", "success"),
          of(publish, "production", "failure"),
          of(publish, "test", "skipped"),
        ],
        ["true", "", "true"],
      );
      const builder = publish?.steps.find(({ name }) => name === "Make the builder");
      assert.equal(builder?.if, "needs.build.result == 'skipped'");
    });

    it("a workflow that publishes nothing has no such job", () => {
      assert.equal(by({ tags: ["v*"], isTest: true }).build, undefined);
      assert.equal(by({ pullRequests: ["main"] }).build, undefined);
    });
  });

  it("actions are those of this repository's own workflows, and the plugin is that of its package", async () => {
    const own = await readFile(path.join(repository, ".github", "workflows", "ci.yml"), "utf8");
    const used = render({ pullRequests: ["main"] }).match(/actions\/.*$/gm) ?? [];
    assert.equal(used.length, 3);
    for (const action of used) assert.ok(own.includes(`uses: ${action}\n`), action);
    const text = await readFile(path.join(repository, "package.json"), "utf8");
    const manifest = JSON.parse(text) as { devDependencies: Record<string, string> };
    assert.equal(DOCKER_BUILD_VERSION, manifest.devDependencies["@pulumi/docker-build"]);
  });
});
