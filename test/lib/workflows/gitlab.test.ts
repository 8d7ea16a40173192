import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { gitlabPipeline } from "../../../lib/workflows/gitlab";
import type { GitlabPipeline, GitlabSettings } from "../../../lib/workflows/gitlab-pipeline";
import { readPipeline, runGitlabJob, runs, type GitlabEvent } from "../../support/gitlab-job";
import { requireTools } from "../../support/tools";
import { gitlabSchema, shellcheck } from "../../support/workflow-judges";
import { settings as common, manual, plain, whole } from "./cases";

const digest = `sha256:${"4".repeat(64)}`;

const idle: GitlabPipeline = {
  mergeRequests: [],
  branches: [],
  tags: [],
  schedules: { nightly: false, rebuild: false, refresh: false },
  set: {},
};

const settings: GitlabSettings = {
  ...common,
  image: `docker.io/library/node:24-trixie@${digest}`,
  runnerTags: [],
};

const everything: GitlabPipeline = {
  ...{ mergeRequests: ["main"], branches: ["main"], tags: ["v*"], manual },
  schedules: { nightly: true, rebuild: true, refresh: true },
  set: { only: "image with words" },
};

const cases: [title: string, pipeline: GitlabPipeline, facts: typeof whole, settings: GitlabSettings][] = [
  [
    "merge requests, branches and tags",
    { ...idle, mergeRequests: ["main"], branches: ["main"], tags: ["v*"] },
    plain,
    settings,
  ],
  [
    "merge requests alone, of a program that reads git, in a folder, with a comment",
    { ...idle, mergeRequests: ["main", "release/**"] },
    whole,
    {
      ...settings,
      ...{
        versionFrom: "git",
        directory: "deploy/prod",
        docker: `docker:29-dind@${digest}`,
        comment: "NOTE_TOKEN",
      },
    },
  ],
  [
    "everything that starts a pipeline, with everything declared",
    everything,
    whole,
    {
      ...settings,
      state: { kind: "cloud" },
      docker: `docker.io/library/docker:29-dind@${digest}`,
      secrets: { tapToken: "TAP_TOKEN" },
      env: { AWS_REGION: "RELEASE_REGION" },
      policies: "policies.json",
      doctor: true,
      prepare: { "Install jq": "apt-get install --yes jq" },
      deployment: "release",
      runnerTags: ["linux", "docker"],
      comment: "COMMENT_TOKEN",
      propose: "REFRESH_TOKEN",
    },
  ],
  [
    "bases each quarter, of a project in a folder",
    { ...idle, schedules: { nightly: false, rebuild: false, refresh: true } },
    { ...plain, lock: "bases lock.json" },
    { ...settings, directory: "deploy" },
  ],
  [
    "tags by an identity, with the state in a bucket",
    { ...idle, tags: ["v*"] },
    { ...plain, signer: { kind: "keyless" }, scanner: "grype" },
    {
      ...settings,
      versionFrom: "git",
      state: {
        kind: "address",
        url: "s3://acme-state?region=eu-central-1",
        env: { AWS_ACCESS_KEY_ID: "STATE_KEY_ID" },
        passphrase: "STATE_PASSPHRASE",
      },
    },
  ],
];

const render = (pipeline: Partial<GitlabPipeline> = {}, facts = plain, more: Partial<GitlabSettings> = {}) =>
  gitlabPipeline({ ...idle, ...pipeline }, { ...settings, ...more }, facts);

describe("pipelines of GitLab CI/CD", () => {
  for (const [title, pipeline, facts, own] of cases) {
    it(`CAP-29: ${title}: GitLab's schema and shellcheck find nothing`, async function () {
      this.timeout(30_000);
      requireTools(this, "check-jsonschema", "shellcheck");
      const text = gitlabPipeline(pipeline, own, facts);
      assert.equal(await gitlabSchema(text), "");
      for (const { script } of Object.values(readPipeline(text).jobs))
        assert.equal(await shellcheck(`#!/bin/bash\nset -eo pipefail\n${script.join("\n")}`), "");
    });
  }

  it("the judges find what is wrong", async function () {
    this.timeout(30_000);
    requireTools(this, "check-jsonschema", "shellcheck");
    assert.match(await gitlabSchema(render({ tags: ["v*"] }).replace("- if:", "- iff:")), /slipway-publish/);
    assert.match(await shellcheck("#!/bin/bash\nrm $1\n"), /SC2086/);
  });

  const push = (ref: GitlabEvent): GitlabEvent => ({ CI_PIPELINE_SOURCE: "push", ...ref });
  const starts: [title: string, event: GitlabEvent, check: boolean, publish: boolean][] = [
    ["a tag of a version", push({ CI_COMMIT_TAG: "v1.2.3" }), false, true],
    ["another tag", push({ CI_COMMIT_TAG: "nightly" }), false, false],
    ["a tag with a slash", push({ CI_COMMIT_TAG: "v1/2" }), false, false],
    ["a push to a branch", push({ CI_COMMIT_BRANCH: "main" }), false, true],
    ["a push to another branch", push({ CI_COMMIT_BRANCH: "mainly" }), false, false],
    [
      "a merge request",
      { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
      true,
      false,
    ],
    [
      "a merge request into another branch",
      { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "next" },
      false,
      false,
    ],
    ["a start by hand", { CI_PIPELINE_SOURCE: "web", CI_COMMIT_BRANCH: "main" }, false, true],
    ["the API", { CI_PIPELINE_SOURCE: "api", CI_COMMIT_TAG: "v1.2.3" }, false, true],
    ["a schedule", { CI_PIPELINE_SOURCE: "schedule", SLIPWAY_SCHEDULE: "nightly" }, false, true],
    ["a schedule of something else", { CI_PIPELINE_SOURCE: "schedule" }, false, false],
  ];
  for (const [title, event, check, publish] of starts) {
    it(`${title} starts ${check ? "the check" : publish ? "a release" : "nothing"}`, () => {
      const { jobs } = readPipeline(gitlabPipeline(everything, settings, plain));
      const started = Object.entries(jobs).filter(([, job]) => runs(job, event));
      assert.deepEqual(
        started.map(([name]) => name),
        [...(check ? ["slipway-check"] : []), ...(publish ? ["slipway-publish"] : [])],
      );
    });
  }

  it("TINY-34: a schedule that asks for it takes the bases anew, and starts nothing else", () => {
    const { jobs } = readPipeline(
      gitlabPipeline(everything, { ...settings, propose: "REFRESH_TOKEN" }, whole),
    );
    const event = { CI_PIPELINE_SOURCE: "schedule", SLIPWAY_SCHEDULE: "refresh" };
    const started = Object.entries(jobs).filter(([, job]) => runs(job, event));
    assert.deepEqual(
      started.map(([name]) => name),
      ["slipway-refresh"],
    );
    const refresh = JSON.stringify(jobs["slipway-refresh"]);
    assert.match(refresh, /REFRESH_TOKEN:\?is not set/);
    assert.doesNotMatch(refresh, /COSIGN|RELEASE_TOKEN|PULUMI_ACCESS_TOKEN|buildx|slipway up/);
    const publish = JSON.stringify(jobs["slipway-publish"]);
    assert.match(
      publish,
      /SLIPWAY_SCHEDULE == rebuild \]\]; then\\n {2}if \[\[ -f slipway\.lock\.json \]\]; then\\n {4}npx --no slipway refresh/,
    );
    assert.doesNotMatch(publish, /REFRESH_TOKEN/);
  });

  it("a merge request has no variable of a release, and no account", () => {
    const { jobs } = readPipeline(
      gitlabPipeline(everything, { ...settings, state: { kind: "cloud" } }, whole),
    );
    const check = JSON.stringify(jobs["slipway-check"]);
    assert.doesNotMatch(check, /COSIGN|DOCKERHUB|RELEASE_TOKEN|PULUMI_ACCESS_TOKEN|DOCKER_CONFIG/);
    const publish = JSON.stringify(jobs["slipway-publish"]);
    for (const name of ["COSIGN_KEY", "DOCKERHUB_TOKEN", "RELEASE_TOKEN", "PULUMI_ACCESS_TOKEN"])
      assert.match(publish, new RegExp(name));
  });

  it("the account of the job is that for GitLab's own registry, for the project's own images", () => {
    const gitlab = (namespace: string) => ({
      ...plain,
      registries: [{ host: "registry.gitlab.com", namespace, isSignedIn: false }],
    });
    const script = (namespace: string) =>
      readPipeline(render({ tags: ["v*"] }, gitlab(namespace), { project: "acme/hello" })).jobs[
        "slipway-publish"
      ]?.script.join("\n") ?? "";
    assert.match(script("acme/hello"), /account "\$CI_REGISTRY_USER" "\$CI_REGISTRY_PASSWORD"/);
    assert.match(script("acme/hello/images"), /CI_REGISTRY_USER/);
    assert.match(script("acme/hello-other"), /REGISTRY_GITLAB_COM_TOKEN/);
  });

  it("an identity signs by a token of the job for Sigstore", () => {
    const { jobs } = readPipeline(render({ tags: ["v*"] }, { ...plain, signer: { kind: "keyless" } }));
    assert.deepEqual(jobs["slipway-publish"]?.id_tokens, { SIGSTORE_ID_TOKEN: { aud: "sigstore" } });
  });

  it("a variable that is missing ends the job before anything else, with its name", async () => {
    const text = gitlabPipeline({ ...idle, tags: ["v*"] }, settings, whole);
    const folder = mkdtempSync(path.join(os.tmpdir(), "slipway-gitlab-"));
    try {
      const result = await runGitlabJob(text, "slipway-publish", push({ CI_COMMIT_TAG: "v1.2.3" }), {
        checkout: folder,
        env: {
          PATH: process.env.PATH,
          COSIGN_KEY: "k",
          COSIGN_PASSWORD: "p",
          DOCKERHUB_USERNAME: "u",
          GHCR_TOKEN: "t",
          GHCR_USERNAME: "u",
          HARBOR_EXAMPLE_COM_8443_TOKEN: "t",
          HARBOR_EXAMPLE_COM_8443_USERNAME: "u",
          RELEASE_TOKEN: "t",
        },
        without: [],
      });
      assert.notEqual(result?.code, 0);
      assert.match(
        result?.text ?? "",
        /DOCKERHUB_TOKEN: is not set: it is a protected variable of the project/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("accounts are where Docker's clients look for them, whatever is in a password", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "slipway-gitlab-"));
    try {
      const { jobs } = readPipeline(gitlabPipeline({ ...idle, tags: ["v*"] }, settings, whole));
      const lines = jobs["slipway-publish"]?.script ?? [];
      const [signIn = ""] = lines.filter((line) => line.includes("DOCKER_CONFIG"));
      const text = `slipway-publish:\n  rules:\n    - if: '$CI_PIPELINE_SOURCE == "push"'\n  script:\n    - ${JSON.stringify(`JOB_FOLDER=${folder}\n${signIn}cat "$DOCKER_CONFIG/config.json"`)}\n`;
      const password = "a%b\"c'd\\e $(id) \u00e9";
      const result = await runGitlabJob(text, "slipway-publish", push({ CI_COMMIT_TAG: "v1" }), {
        checkout: folder,
        env: { PATH: process.env.PATH, DOCKERHUB_USERNAME: "alice", DOCKERHUB_TOKEN: password },
        without: [],
      });
      const { auths } = JSON.parse(result?.text ?? "") as { auths: Record<string, { auth: string }> };
      assert.deepEqual(Object.keys(auths), [
        "ghcr.io",
        "https://index.docker.io/v1/",
        "harbor.example.com:8443",
      ]);
      const auth = auths["https://index.docker.io/v1/"]?.auth ?? "";
      assert.equal(Buffer.from(auth, "base64").toString("utf8"), `alice:${password}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("one comment is kept up to date, found again on a later page", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "slipway-gitlab-"));
    const notes: { id: number; body: string }[] = Array.from({ length: 120 }, (_, id) => ({
      id,
      body: "said",
    }));
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      asked.push(`${request.method} ${url.pathname} ${String(request.headers["private-token"])}`);
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString("utf8")));
      request.on("end", () => {
        const page = Number(url.searchParams.get("page") ?? "1");
        if (request.method === "GET") {
          const next = page * 100 < notes.length ? String(page + 1) : "";
          response.writeHead(200, { "x-next-page": next });
          response.end(JSON.stringify(notes.slice((page - 1) * 100, page * 100)));
          return;
        }
        const { body: text } = JSON.parse(body) as { body: string };
        const id = Number(url.pathname.split("/").at(-1));
        if (request.method === "PUT") notes.splice(id, 1, { id, body: text });
        else notes.push({ id: notes.length, body: text });
        response.writeHead(request.method === "PUT" ? 200 : 201).end("{}");
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const text = render({ mergeRequests: ["main"] }, plain, { comment: "COMMENT_TOKEN" });
    const comment = async () =>
      runGitlabJob(
        text,
        "slipway-comment",
        {
          ...{ CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
          ...{
            CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
            CI_PROJECT_ID: "7",
            CI_MERGE_REQUEST_IID: "12",
          },
        },
        { checkout: folder, env: { PATH: process.env.PATH, COMMENT_TOKEN: "glpat-secret" }, without: [] },
      );
    try {
      for (const diff of ["one `$x` ${y}\n", "two\n"]) {
        writeFileSync(path.join(folder, "slipway-diff.md"), diff);
        const result = await comment();
        assert.deepEqual([result?.code, result?.text], [0, ""]);
      }
      assert.deepEqual(
        notes.filter(({ body }) => body !== "said"),
        [{ id: 120, body: "<!-- slipway diff -->\ntwo\n" }],
      );
      assert.ok(
        asked.every(
          (one) => one.includes("/api/v4/projects/7/merge_requests/12/notes") && one.endsWith("glpat-secret"),
        ),
      );
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
