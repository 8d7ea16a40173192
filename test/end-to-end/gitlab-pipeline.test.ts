import assert from "node:assert/strict";
import type { Context } from "mocha";
import { ensureBuilt } from "../../tools/build.cjs";
import { EngineProject } from "../support/engine";
import { runGitlabJob, type GitlabEvent } from "../support/gitlab-job";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RenderedCheckout } from "../support/rendered-checkout";
import { requireTools } from "../support/tools";
import { RequestRecord, tagDigests } from "./observation";

/** What others do on a runner: here it is there. */
const without = ["npm ci", 'case "$(uname -m)" in'];

const program = `
import * as pulumi from "@pulumi/pulumi";
import { branchTags, channelTags, combineTags, configured, Distribution, gitlabCi, ociRegistry, pullRequestTags, semverTags } from "@slipway";

const config = new pulumi.Config();
const app = new Distribution("app", {
  ...configured(config),
  source: "https://gitlab.com/acme/app",
  registries: [ociRegistry({ host: config.require("registry") })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  tags: combineTags(semverTags(), branchTags(), pullRequestTags(), channelTags("nightly", { branches: false })),
  documents: gitlabCi({
    image: "docker.io/library/node:24-trixie@sha256:${"4".repeat(64)}",
    stack: "dev",
    versionFrom: "configuration",
    state: "run",
    policies: "policies.json",
    mergeRequests: ["main"], branches: ["main"], tags: ["v*"], manual: true, schedules: { nightly: true, rebuild: true },
    logins: { [config.require("registry")]: { username: "CI_REGISTRY_USER", password: "CI_REGISTRY_PASSWORD" } },
  }),
});
export const { published } = app;
`;

describe("a rendered pipeline of GitLab, run by hand", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let checkout: RenderedCheckout;

  const run = async (job: string, event: GitlabEvent) => {
    const text = await project.read(".gitlab-ci.yml");
    const result = await runGitlabJob(
      text,
      job,
      { CI_COMMIT_SHA: (await checkout.git("rev-parse", "HEAD")).trim(), ...event },
      { checkout: checkout.folder, env: checkout.env, without },
    );
    await checkout.renew();
    assert.ok(result, `${job} does not run for ${JSON.stringify(event)}`);
    return result;
  };
  const tags = () => tagDigests(`${registry.host}/app`);

  before(async function (this: Context) {
    requireTools(this, "pulumi", "registry", "crane", "git", "openssl");
    await ensureBuilt({ ifStale: true });
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program,
      files: { "app.txt": "content\n", "policies.json": '{ "all": "advisory" }' },
      config: { registry: registry.host, version: "v9.9.9" },
    });
    checkout = await RenderedCheckout.of(project, { registry: registry.host, version: "v9.9.9" });
    await checkout.git("tag", "v1.0.0");
    Object.assign(checkout.env, { CI_REGISTRY_USER: "job", CI_REGISTRY_PASSWORD: "password of the job" });
  });
  after(async () => {
    await checkout?.stop();
    await project?.remove();
    await registry?.stop();
  });

  it("CAP-29: a merge request is built and proven, says what it would change, and asks no registry", async () => {
    await requests.take();
    const { code, text } = await run("slipway-check", {
      CI_PIPELINE_SOURCE: "merge_request_event",
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
      CI_MERGE_REQUEST_IID: "12",
    });
    assert.equal(code, 0, text);
    assert.deepEqual(await requests.take(), []);
    assert.match(await project.read("../checkout/slipway-diff.md"), /^### Release diff/);
    assert.match(text, /^### Release diff/m);
  });

  it("CAP-29: a pushed tag is released, and the same by hand finds it done", async () => {
    const { code, text } = await run("slipway-publish", {
      CI_PIPELINE_SOURCE: "push",
      CI_COMMIT_TAG: "v1.0.0",
    });
    assert.equal(code, 0, text);
    const released = await tags();
    assert.deepEqual(Object.keys(released), ["latest", "v1", "v1.0", "v1.0.0"]);
    assert.doesNotMatch(text, /password of the job/);
    await requests.take();
    const again = await run("slipway-publish", {
      CI_PIPELINE_SOURCE: "web",
      CI_COMMIT_BRANCH: "main",
      INPUT_VERSION: "v1.0.0",
    });
    assert.equal(again.code, 0, again.text);
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tags(), released);
  });

  it("by hand without a version, or with one that there is not, it is refused before anything happens", async () => {
    await requests.take();
    const byHand = { CI_PIPELINE_SOURCE: "web", CI_COMMIT_BRANCH: "main" };
    const refused = await run("slipway-publish", byHand);
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /version is required \(a valid example: v1\.2\.3\)/);
    const absent = await run("slipway-publish", { ...byHand, INPUT_VERSION: "--help" });
    assert.notEqual(absent.code, 0);
    assert.match(absent.text, /refs\/tags\/--help/);
    assert.deepEqual(await requests.take(), []);
  });

  it("a night has the tag that moves, and a rebuild is of the latest version", async () => {
    const { latest: before } = await tags();
    await project.write({ "../checkout/app.txt": "better\n" });
    await checkout.git("commit", "--quiet", "--all", "--message", "better");
    const schedule = { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" };
    const night = await run("slipway-publish", { ...schedule, SLIPWAY_SCHEDULE: "nightly" });
    assert.equal(night.code, 0, night.text);
    const rebuild = await run("slipway-publish", { ...schedule, SLIPWAY_SCHEDULE: "rebuild" });
    assert.equal(rebuild.code, 0, rebuild.text);
    const found = await tags();
    assert.equal(found.latest, before);
    assert.notEqual(found.nightly, before);
    const rebuilt = Object.keys(found).find((tag) => /^v1\.0\.0-\d{8}$/.test(tag)) ?? "";
    // The sources of the version, not those of the branch.
    assert.equal(found[rebuilt], before);
  });
});
