import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { githubStatus } from "../../../lib/workflows/github-status";
import { gitlabPipeline } from "../../../lib/workflows/gitlab";
import type { ScheduledStatus, StateBackend, WorkflowSettings } from "../../../lib/workflows/workflow";
import { runClient } from "../../support/clients";
import { readPipeline, runGitlabJob, runs } from "../../support/gitlab-job";
import { requireTools } from "../../support/tools";
import { readWorkflow } from "../../support/workflow-job";
import { actionlint, gitlabSchema, shellcheck, zizmor } from "../../support/workflow-judges";
import { plain, settings, whole } from "./cases";

const bucket: StateBackend = {
  kind: "address",
  url: "s3://acme-state?region=eu-central-1",
  env: { AWS_ACCESS_KEY_ID: "STATE_KEY_ID" },
  passphrase: "STATE_PASSPHRASE",
};
const releases = "https://github.com/acme/hello/releases/latest/download/releases.json";
const daily: ScheduledStatus = {
  name: "status",
  cron: "23 5 * * *",
  issue: true,
  failOn: [],
  history: false,
};

const cases: [title: string, status: ScheduledStatus, settings: WorkflowSettings, facts: typeof whole][] = [
  ["of Pulumi Cloud", daily, { ...settings, state: { kind: "cloud" } }, whole],
  [
    "of a bucket, in a folder, with everything",
    { ...daily, webhook: "STATUS_WEBHOOK", failOn: ["missing", "drifted"], history: true },
    { ...settings, state: bucket, directory: "deploy/prod", stack: "prod-eu", env: { KMS_KEY: "KMS_KEY" } },
    whole,
  ],
  ["of a list", { ...daily, releases, issue: false, webhook: "STATUS_WEBHOOK" }, settings, plain],
];

describe("a scheduled look at what is served", () => {
  for (const [title, status, own, facts] of cases) {
    it(`CAP-29: ${title}: actionlint and shellcheck find nothing, and zizmor no weakness`, async function () {
      this.timeout(30_000);
      requireTools(this, "actionlint", "shellcheck", "zizmor");
      const text = githubStatus(status, own, facts);
      assert.equal(await actionlint(text), "");
      assert.deepEqual(await zizmor(text), []);
    });

    it(`CAP-29: ${title}: GitLab's schema and shellcheck find nothing`, async function () {
      this.timeout(30_000);
      requireTools(this, "check-jsonschema", "shellcheck");
      const text = gitlab(status, own, facts);
      assert.equal(await gitlabSchema(text), "");
      for (const { script } of Object.values(readPipeline(text).jobs))
        assert.equal(await shellcheck(`#!/bin/bash\nset -eo pipefail\n${script.join("\n")}`), "");
    });

    it(`${title}: has the state and a webhook as its only secrets, and no right but to issues`, () => {
      const text = githubStatus(status, own, facts);
      const { permissions, jobs } = readWorkflow(text);
      assert.deepEqual(permissions, {});
      assert.deepEqual(jobs.status?.permissions, {
        contents: "read",
        ...(status.issue && { issues: "write" }),
      });
      const named = [...text.matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name);
      const allowed = [
        ...(status.releases !== undefined
          ? []
          : own.state.kind === "cloud"
            ? ["PULUMI_ACCESS_TOKEN"]
            : ["STATE_KEY_ID", "STATE_PASSPHRASE"]),
        ...(status.webhook === undefined ? [] : [status.webhook]),
      ];
      assert.deepEqual([...new Set(named)].sort(), allowed.sort());
      assert.doesNotMatch(text, /docker login|COSIGN|buildx|trivy/);
      for (const { run = "" } of jobs.status?.steps ?? []) assert.doesNotMatch(run, /\$\{\{/);
    });
  }

  it("runs daily and by hand, one at a time", () => {
    const { on, concurrency } = readWorkflow(githubStatus(daily, settings, plain));
    assert.deepEqual(on, { schedule: [{ cron: "23 5 * * *" }], workflow_dispatch: {} });
    assert.deepEqual(concurrency, { group: "slipway-status-prod", "cancel-in-progress": false });
  });

  it("keeps its history by a job that may write to the repository, has no secret and runs nothing of the project", () => {
    const { jobs } = readWorkflow(githubStatus({ ...daily, history: true }, settings, whole));
    assert.deepEqual(Object.keys(jobs), ["status", "keep"]);
    assert.deepEqual(jobs.keep?.permissions, { contents: "write" });
    const steps = jobs.keep?.steps ?? [];
    assert.doesNotMatch(JSON.stringify(steps), /checkout|npx|npm|secrets\./);
    const gitlabJobs = readPipeline(gitlab({ ...daily, history: true }, settings, plain)).jobs;
    assert.deepEqual(gitlabJobs["slipway-status-keep"]?.variables, { GIT_STRATEGY: "none" });
    assert.doesNotMatch(gitlabJobs["slipway-status-keep"]?.script.join("\n") ?? "", /npx|npm/);
  });

  it("pushes its history to a branch on GitLab as the only commit there, reads it again, and shows no token", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-served-"));
    const [checkout, origin] = [path.join(folder, "checkout"), path.join(folder, "acme/hello.git")];
    try {
      await runClient("git", ["init", "--quiet", checkout]);
      await runClient("git", ["init", "--quiet", "--bare", origin]);
      await runClient("git", ["-C", checkout, "remote", "add", "origin", origin]);
      const text = gitlab({ ...daily, releases, history: true }, settings, plain);
      const event = {
        CI_PIPELINE_SOURCE: "schedule",
        SLIPWAY_SCHEDULE: "status",
        CI_SERVER_URL: `file://${folder}`,
        CI_PROJECT_PATH: "acme/hello",
        GITLAB_USER_NAME: "Alice Adams",
        GITLAB_USER_EMAIL: "alice@acme.example",
      };
      const job = async (name: string, env: NodeJS.ProcessEnv = {}) => {
        const machine = { checkout, env: { ...process.env, ...env }, without: ["npm ci", "npx "] };
        const result = await runGitlabJob(text, name, event, machine);
        assert.doesNotMatch(result?.text ?? "", /glpat-not-to-be-seen/);
        return result;
      };
      const file = path.join(checkout, "slipway-served.json");
      for (const content of ["first\n", "second\n"]) {
        await writeFile(file, content);
        assert.match((await job("slipway-status-keep"))?.text ?? "", /PUSH_TOKEN: is not set/);
        assert.equal((await job("slipway-status-keep", { PUSH_TOKEN: "glpat-not-to-be-seen" }))?.code, 0);
        await rm(file);
        assert.equal((await job("slipway-status"))?.code, 0);
        assert.equal(await readFile(file, "utf8"), content);
      }
      const log = await runClient("git", ["-C", origin, "log", "--format=%an %s", "slipway/served-prod"]);
      assert.equal(log, "Alice Adams What was served when");
      // A history that cannot be read is not begun anew.
      await rm(file);
      await runClient("git", ["-C", checkout, "remote", "set-url", "origin", path.join(folder, "none.git")]);
      assert.equal((await job("slipway-status"))?.code, 128);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("needs no Pulumi where it asks about a list", () => {
    const { jobs } = readWorkflow(githubStatus({ ...daily, releases }, settings, whole));
    const steps = jobs.status?.steps ?? [];
    assert.deepEqual(
      steps.flatMap(({ name }) => name ?? []),
      ["Install packages", "What is served"],
    );
    assert.match(steps.at(-1)?.run ?? "", new RegExp(` --releases ${releases.replaceAll(".", "\\.")} `));
  });

  it("runs on GitLab for its own schedule, and nothing else does then", () => {
    const { jobs } = readPipeline(gitlab({ ...daily, history: true }, settings, plain));
    const started = (schedule: string) =>
      Object.entries(jobs)
        .filter(([, job]) => runs(job, { CI_PIPELINE_SOURCE: "schedule", SLIPWAY_SCHEDULE: schedule }))
        .map(([name]) => name);
    assert.deepEqual(started("status"), ["slipway-status", "slipway-status-keep"]);
    assert.deepEqual(started("nightly"), ["slipway-publish"]);
  });
});

function gitlab(status: ScheduledStatus, own: WorkflowSettings, facts: typeof whole): string {
  return gitlabPipeline(
    {
      ...{ mergeRequests: [], branches: [], tags: ["v*"], set: {} },
      schedules: { nightly: true, rebuild: false, refresh: false },
      status,
    },
    {
      ...own,
      image: `docker.io/library/node:24-trixie@sha256:${"4".repeat(64)}`,
      runnerTags: [],
      propose: "PUSH_TOKEN",
    },
    facts,
  );
}
