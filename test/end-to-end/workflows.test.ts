import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { ensureBuilt } from "../../tools/build.cjs";
import { runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RenderedCheckout } from "../support/rendered-checkout";
import { requireTools } from "../support/tools";
import { readWorkflow, runJob, type JobResult, type WorkflowEvent } from "../support/workflow-job";
import { RequestRecord, tagDigests } from "./observation";

/** What others do on a runner: here it is there. */
const without = ["Install packages", "Install Pulumi"];

const program = `
import * as pulumi from "@pulumi/pulumi";
import {
  branchTags, channelTags, combineTags, configured, Distribution, githubWorkflows, ociRegistry, pullRequestTags, semverTags,
} from "@slipway";

const config = new pulumi.Config();
const part = config.require("part");
const app = new Distribution("app", {
  ...configured(config),
  source: "https://github.com/acme/app",
  registries: [ociRegistry({ host: config.require("registry") })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }, { to: "/part.txt", content: part }] } },
  tags: combineTags(semverTags(), branchTags(), pullRequestTags(), channelTags("nightly", { branches: false })),
  gates: { pair: { command: { command: ["echo", "tested with " + part], expect: "tested with v1" } } },
  documents: [...githubWorkflows({
    stack: "dev",
    versionFrom: "configuration",
    state: "run",
    policies: "policies.json",
    doctor: true,
    workflows: { checked: { branches: ["main"] } },
  }), ...githubWorkflows({
    stack: "dev",
    versionFrom: "configuration",
    state: "run",
    policies: "policies.json",
    workflows: {
      release: {
        pullRequests: ["main"], branches: ["main"], tags: ["v*"], releases: true, manual: true,
        schedules: { nightly: "17 3 * * *", rebuild: "17 4 1 * *" },
      },
      "test-part": {
        component: { type: "component-release", components: { part: "part" } },
        manual: { part_version: { key: "part", description: "Version of the part", example: "v1.0.0" } },
        test: true,
      },
    },
  })],
});
export const { checks, published } = app;
`;

describe("rendered workflows, run by hand", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let checkout: RenderedCheckout;

  const git = (...args: string[]) => checkout.git(...args);
  const machine = () => ({ checkout: checkout.folder, env: checkout.env, without });

  /** Runs a job of a workflow for an event, in the checkout. */
  async function run(workflow: string, job: string, event: WorkflowEvent): Promise<JobResult> {
    const text = await project.read(`.github/workflows/${workflow}.yml`);
    const result = await runJob(text, job, event, machine());
    assert.ok(result, `${job} of ${workflow} does not run for ${event.github.event_name}`);
    return result;
  }
  const pushed = (ref: string): WorkflowEvent => ({ github: { event_name: "push", ref } });
  const tags = () => tagDigests(`${registry.host}/app`);

  before(async function (this: Context) {
    requireTools(this, "pulumi", "registry", "crane", "git", "openssl");
    await ensureBuilt({ ifStale: true });
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program,
      files: { "app.txt": "content\n", "policies.json": '{ "all": "advisory" }' },
      config: { registry: registry.host, version: "v9.9.9", part: "v1.0.0" },
    });
    checkout = await RenderedCheckout.of(project, {
      registry: registry.host,
      version: "v9.9.9",
      part: "v1.0.0",
    });
  });
  after(async () => {
    await checkout?.stop();
    await project?.remove();
    await registry?.stop();
  });
  afterEach(() => checkout.renew());

  it("CORE-24: files of the checkout are written by the run of their stack, and by nothing else of it", async () => {
    assert.deepEqual(readWorkflow(await project.read(".github/workflows/release.yml")).name, "release");
    assert.match(await project.read(".github/workflows/release.yml"), /^# Written by Slipway/);
    assert.deepEqual(await tags(), {});
  });

  it("BLEU-13, TINY-23: a pull request is built and proven, says what it would change, and asks no registry", async () => {
    await requests.take();
    const github = {
      event_name: "pull_request",
      ref: "refs/pull/12/merge",
      repository: "acme/app",
      event: { number: 12, pull_request: { head: { repo: { full_name: "acme/app" } } } },
    };
    const check = await run("release", "check", { github });
    assert.equal(check.code, 0, check.text);
    assert.deepEqual(await requests.take(), []);
    assert.match(check.summary, /^### Release diff/);
    const [diff, done] = check.summary.split("### What the run did");
    assert.equal(check.outputs.diff, diff?.trimEnd());
    assert.match(done ?? "", /\| made \| .*\d oci:Image/);
    const needs = { check: { outputs: check.outputs } };
    const programs = path.join(path.dirname(checkout.folder), "programs");
    await mkdir(programs, { recursive: true });
    await project.write({ "../programs/gh": '#!/bin/sh\necho "gh $*"; cat\n' });
    await runClient("chmod", ["+x", path.join(programs, "gh")]);
    const comment = await run("release", "comment", { github, needs });
    assert.equal(
      comment.text.trimEnd(),
      `gh pr comment 12 --repo acme/hello --edit-last --create-if-none --body-file -\n${check.outputs.diff}`,
    );
    const fork = {
      ...github,
      event: { number: 12, pull_request: { head: { repo: { full_name: "eve/app" } } } },
    };
    const text = await project.read(".github/workflows/release.yml");
    assert.equal(await runJob(text, "comment", { github: fork, needs }, machine()), undefined);
    assert.equal(await runJob(text, "publish", { github }, machine()), undefined);
  });

  it("MESH-23: a pushed tag is released, and CORE-19: a release that is published for it finds it done", async () => {
    await git("tag", "v1.0.0");
    const first = await run("release", "publish", pushed("refs/tags/v1.0.0"));
    assert.equal(first.code, 0, first.text);
    const released = await tags();
    assert.deepEqual(Object.keys(released), ["latest", "v1", "v1.0", "v1.0.0"]);
    assert.match(first.summary, /docker pull/);
    await requests.take();
    await checkout.renew();
    const second = await run("release", "publish", {
      github: { event_name: "release", ref: "refs/tags/v1.0.0" },
    });
    assert.equal(second.code, 0, second.text);
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tags(), released);
  });

  it("MESH-24: by hand it is the same, and a test of it builds, proves and asks no registry", async () => {
    const before = await tags();
    await requests.take();
    const github = { event_name: "workflow_dispatch", ref: "refs/heads/main" };
    const inputs = { version: "v1.0.0", environment: "production" };
    const byHand = await run("release", "publish", { github, inputs });
    assert.equal(byHand.code, 0, byHand.text);
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tags(), before);
    await checkout.renew();
    await requests.take();
    const test = await run("release", "publish", {
      github,
      inputs: { version: "v2.0.0", environment: "test" },
    });
    assert.equal(test.code, 0, test.text);
    assert.deepEqual(await requests.take(), []);
  });

  it("by hand without a version, it is refused before anything happens", async () => {
    await requests.take();
    const github = { event_name: "workflow_dispatch", ref: "refs/heads/main" };
    const refused = await run("release", "publish", { github, inputs: { environment: "production" } });
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /version is required \(a valid example: v1\.2\.3\)/);
    assert.equal(refused.ran.at(-1), "What is released");
    // What begins like an option is a version that there is not.
    await checkout.renew();
    const option = await run("release", "publish", {
      github,
      inputs: { version: "--help", environment: "test" },
    });
    assert.notEqual(option.code, 0);
    assert.match(option.text, /"--help"/);
    assert.deepEqual(await requests.take(), []);
  });

  it("TINY-25: a branch has its tag, and a night the one that moves; TINY-34: a rebuild is of the latest version", async () => {
    const { latest: before } = await tags();
    await project.write({ "../checkout/app.txt": "better\n" });
    await git("commit", "--quiet", "--all", "--message", "better");
    const branch = await run("release", "publish", pushed("refs/heads/main"));
    assert.equal(branch.code, 0, branch.text);
    await checkout.renew();
    const night = await scheduled("17 3 * * *");
    assert.equal(night.code, 0, night.text);
    const { main, nightly, latest } = await tags();
    assert.equal(latest, before);
    assert.notEqual(main, before);
    assert.equal(nightly, main);
    await checkout.renew();
    const rebuild = await scheduled("17 4 1 * *");
    assert.equal(rebuild.code, 0, rebuild.text);
    assert.ok(rebuild.ran.includes("Latest release"));
    const found = await tags();
    const rebuilt = Object.keys(found).find((tag) => /^v1\.0\.0-\d{8}$/.test(tag)) ?? "";
    // The sources of the version, not those of the branch.
    assert.equal(found[rebuilt], before);
  });

  const scheduled = (schedule: string) =>
    run("release", "publish", {
      github: { event_name: "schedule", ref: "refs/heads/main", event: { schedule } },
    });

  it("DISTRO-14: a component's release is tested against the rest, and published nowhere", async () => {
    await requests.take();
    const result = await run("test-part", "test", component({ component: "part", version: "v1.1.0" }));
    assert.equal(result.code, 0, result.text);
    assert.match(result.summary, /"pair": \{\s+"result": "passed"|tested with v1\.1\.0|"passed"/);
    await checkout.renew();
    const other = await run("test-part", "test", component({ component: "part", version: "v2.0.0" }));
    assert.notEqual(other.code, 0);
    assert.match(other.text, /tested with v2\.0\.0/);
    assert.deepEqual(await requests.take(), []);
  });

  it("DISTRO-16: without a component, or one that is none, a run is refused", async () => {
    const cases: [WorkflowEvent, RegExp][] = [
      [
        component({ component: "parts", version: "v1" }),
        /client_payload\.component: one of part is expected, not parts/,
      ],
      [component({ component: "part" }), /client_payload\.version is required/],
      [{ github: { event_name: "workflow_dispatch", ref: "refs/heads/main" } }, /part_version is required/],
    ];
    for (const [event, message] of cases) {
      const result = await run("test-part", "test", event);
      assert.notEqual(result.code, 0);
      assert.match(result.text, message);
      assert.equal(result.ran.at(-1), "What is released");
      await checkout.renew();
    }
  });

  it("looks at what is needed before anything is written, where that is declared", async () => {
    const good = await run("checked", "publish", pushed("refs/heads/main"));
    assert.equal(good.code, 0, good.text);
    assert.match(good.summary, /^### Before a release\n[^]*\| ok \| registry \| .*may be pushed to/);
    await checkout.renew();
    await registry.suspend();
    try {
      const refused = await run("checked", "publish", pushed("refs/heads/main"));
      assert.equal(refused.code, 1);
      assert.equal(refused.ran.at(-1), "What it needs");
      assert.match(refused.summary, /\| FAIL \| registry \| .*Nothing listens at/);
    } finally {
      await registry.resume();
    }
  });

  const component = (client_payload: Record<string, string>): WorkflowEvent => ({
    github: { event_name: "repository_dispatch", ref: "refs/heads/main", event: { client_payload } },
  });
});
