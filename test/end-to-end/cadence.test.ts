import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { stop } from "../../lib/embedded/registry";
import { ensureBuilt } from "../../tools/build.cjs";
import { pushBase } from "../provider/base-images";
import { crane, runClient } from "../support/clients";
import { EngineProject, engineEnvironment, repository } from "../support/engine";
import { runGitlabJob } from "../support/gitlab-job";
import { installPackage } from "../support/installed-package";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { runJob, type JobResult } from "../support/workflow-job";
import { RequestRecord, tagDigests } from "./observation";

/** What others do on a runner: here it is there. */
const without = ["Install packages", "Install Pulumi", "npm ci", 'case "$(uname -m)" in'];

const program = `
import * as pulumi from "@pulumi/pulumi";
import {
  channelTags, combineTags, configured, Distribution, githubWorkflows, gitlabCi, ociRegistry, semverTags,
} from "@slipway";

const config = new pulumi.Config();
const host = config.require("registry");
const jobs = { stack: "dev", versionFrom: "configuration", state: "run", policies: "policies.json" } as const;
const app = new Distribution("app", {
  ...configured(config),
  source: "https://github.com/acme/app",
  registries: [ociRegistry({ host })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  tags: combineTags(semverTags(), channelTags("nightly", { branches: false })),
  externalImages: { redis: config.require("redis") },
  lock: true,
  cadence: { rebuild: "31d", refresh: "92d" },
  documents: [...githubWorkflows({
    ...jobs,
    workflows: { release: { tags: ["v*"], schedules: { nightly: "17 3 * * *", rebuild: "17 4 1 * *", refresh: "17 5 1 */3 *" } } },
  }), ...gitlabCi({
    ...jobs,
    image: "docker.io/library/node:24-trixie@sha256:${"4".repeat(64)}",
    schedules: { refresh: true },
    logins: { [host]: { username: "CI_REGISTRY_USER", password: "CI_REGISTRY_PASSWORD" } },
    propose: "REFRESH_TOKEN",
  })],
});
export const { externalImages, overdue } = app;
`;

const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

describe("cadence of rebuilds and bases", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let checkout: string;
  let origin: string;
  let env: NodeJS.ProcessEnv;
  let redis: string;

  const git = (...args: string[]) =>
    runClient("git", ["-C", checkout, "-c", "user.name=test", "-c", "user.email=test@example.com", ...args]);
  const beside = (name: string) => path.join(path.dirname(checkout), name);
  const lock = async (folder = "../checkout") =>
    JSON.parse(await project.read(`${folder}/slipway.lock.json`)) as {
      refreshed?: string;
      images: Record<string, string>;
    };
  const current = () => crane(["digest", redis]);
  const republish = (content: string) => pushBase(redis, { files: { content } });

  /** `npx slipway refresh` in the project. */
  const refresh = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      execFile(
        process.execPath,
        [path.join(repository, "cli/slipway.cjs"), "refresh", "--stack", "dev", ...args],
        { cwd: project.directory, env: project.env },
        (error, stdout, stderr) =>
          done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    });

  /** The next job has a checkout of its own. */
  const next = () => git("checkout", "--quiet", "--force", "-B", "main", "origin/main");

  /** What a job has given to the next one. */
  let handed: string | undefined;
  const bring = async (temp: string) => {
    const from = path.join(handed ?? "", "refresh");
    if (handed !== undefined) await cp(from, path.join(temp, "refresh"), { recursive: true });
  };

  async function run(job: string, github: object): Promise<JobResult> {
    const text = await project.read(".github/workflows/release.yml");
    const event = { github: { event_name: "push", ref: "refs/heads/main", ...github } };
    const result = await runJob(text, job, event, { checkout, env, without, bring });
    assert.ok(result, `${job} does not run`);
    await next();
    return result;
  }
  const scheduled = (job: string, schedule: string) =>
    run(job, { event_name: "schedule", event: { schedule } });

  before(async function (this: Context) {
    requireTools(this, "pulumi", "registry", "crane", "git", "openssl");
    await ensureBuilt({ ifStale: true });
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    redis = `${registry.host}/external/redis:7.0.0`;
    await republish("one");
    await crane(["tag", redis, "7.0.4"]);
    await crane(["tag", redis, "8.2.1"]);
    project = await EngineProject.create({
      program,
      files: { "app.txt": "content\n", "policies.json": '{ "all": "advisory" }' },
      config: { registry: registry.host, version: "v9.9.9", redis },
    });
    await project.succeed([
      "up",
      "--yes",
      "--skip-preview",
      ...["**:Distribution::*", "**:Document::**"].flatMap((one) => ["--target", one]),
    ]);
    checkout = path.join(path.dirname(project.directory), "checkout");
    await cp(project.directory, checkout, {
      recursive: true,
      filter: (file) => !/\/(node_modules|\.slipway|Pulumi\.dev\.yaml)$/.test(file),
    });
    await installPackage(checkout);
    await project.write({
      "../checkout/Pulumi.dev.yaml": `config:\n  test:registry: ${registry.host}\n  test:version: v9.9.9\n  test:redis: ${redis}\n`,
      "../checkout/.gitignore": ".slipway/\nnode_modules/\ndist/\nslipway-bases.md\n",
      "../programs/gh":
        '#!/bin/sh\ncase "$1 $2" in "pr list") exec cat "$(dirname "$0")/open" ;; esac\necho "gh $*"\n' +
        'for last; do :; done\n[ ! -f "$last" ] || cat "$last"\n',
      "../programs/open": "0\n",
    });
    await runClient("chmod", ["+x", beside("programs/gh")]);
    env = engineEnvironment(path.dirname(project.directory));
    for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_STACK"]) delete env[name];
    origin = beside("forge/acme/app.git");
    await runClient("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
    await runClient("git", ["-C", origin, "config", "receive.advertisePushOptions", "true"]);
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", origin);
  });
  after(async () => {
    if (checkout !== undefined) await stop(checkout);
    await project?.remove();
    await registry?.stop();
  });

  it("TINY-34: slipway refresh takes the digests anew, says newer versions, and publishes nothing", async () => {
    await requests.take();
    const { code, stdout, stderr } = await refresh();
    assert.equal(code, 0, stdout + stderr);
    const digest = await current();
    assert.deepEqual(await lock("."), { version: 1, refreshed: dayAgo(0), images: { [redis]: digest } });
    assert.match(stdout, /^slipway\.lock\.json, taken anew on .*: 1 of 1 have moved\n/);
    assert.ok(stdout.includes(`${redis}: newer versions are 7.0.4, 8.2.1`), stdout);
    assert.deepEqual(await requests.takeWrites(), []);
    await cp(path.join(project.directory, "slipway.lock.json"), path.join(checkout, "slipway.lock.json"));
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "all of it");
    await git("push", "--quiet", "origin", "main");
    await git("tag", "v1.0.0");
  });

  it("an image that is not there leaves the lock, and is named", async () => {
    const before = await lock(".");
    await project.configure({ redis: redis.replace(":7.0.0", ":6.0.0") });
    const { code, stderr } = await refresh();
    await project.configure({ redis });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /no lock is written: not all images can be asked for\n.*redis:6\.0\.0: the registry has no such image/,
    );
    assert.deepEqual(await lock("."), before);
  });

  it("TINY-34: each quarter a job of GitHub says what has moved, and another proposes the lock", async () => {
    const before = await current();
    const now = await republish("two");
    await requests.take();
    const found = await scheduled("refresh", "17 5 1 */3 *");
    assert.equal(found.code, 0, found.text);
    handed = found.temp;
    assert.deepEqual(await requests.takeWrites(), []);
    assert.match(
      found.summary,
      /^### Bases\n\nslipway\.lock\.json, taken anew on .*: 1 of 1 have moved since /,
    );
    assert.ok(found.summary.includes(`${before.slice(0, 19)} → ${now.slice(0, 19)}`), found.summary);
    const proposed = await scheduled("propose", "17 5 1 */3 *");
    assert.equal(proposed.code, 0, proposed.text);
    assert.match(proposed.text, /gh pr create --head slipway\/refresh --base main --title .*\n### Bases/);
    await project.write({ "../programs/open": "1\n" });
    const again = await scheduled("propose", "17 5 1 */3 *");
    assert.match(again.text, /gh pr edit slipway\/refresh --body-file /);
    const text = await runClient("git", ["-C", origin, "show", "slipway/refresh:slipway.lock.json"]);
    assert.deepEqual((JSON.parse(text) as { images: object }).images, { [redis]: now });
    const changed = await runClient("git", ["-C", origin, "diff", "--name-only", "main", "slipway/refresh"]);
    assert.equal(changed.trim(), "slipway.lock.json");
    // Nothing has it but the proposal.
    assert.equal((await lock()).images[redis], before);
  });

  it("TINY-34: so does one of GitLab, by a push that opens a merge request, and it shows no token", async () => {
    await runClient("git", ["-C", origin, "update-ref", "-d", "refs/heads/slipway/refresh"]);
    const options = beside("options");
    await project.write({
      "../forge/acme/app.git/hooks/pre-receive": `#!/bin/sh\nenv | grep ^GIT_PUSH_OPTION_ | sort > ${options}\n`,
    });
    await runClient("chmod", ["+x", path.join(origin, "hooks/pre-receive")]);
    const event = {
      CI_PIPELINE_SOURCE: "schedule",
      SLIPWAY_SCHEDULE: "refresh",
      CI_DEFAULT_BRANCH: "main",
      CI_SERVER_URL: `file://${beside("forge")}`,
      CI_PROJECT_PATH: "acme/app",
      GITLAB_USER_NAME: "Alice Adams",
      GITLAB_USER_EMAIL: "alice@acme.example",
    };
    const machine = { checkout, without };
    const account = { CI_REGISTRY_USER: "job", CI_REGISTRY_PASSWORD: "password of the job" };
    const job = async (more: NodeJS.ProcessEnv) => {
      const text = await project.read(".gitlab-ci.yml");
      const result = await runGitlabJob(text, "slipway-refresh", event, {
        ...machine,
        env: { ...env, ...account, ...more },
      });
      await next();
      assert.ok(result);
      return result;
    };
    const missing = await job({});
    assert.match(missing.text, /REFRESH_TOKEN: is not set/);
    const { code, text } = await job({ REFRESH_TOKEN: "glpat-not-to-be-seen" });
    assert.equal(code, 0, text);
    assert.match(text, /^### Bases$/m);
    assert.doesNotMatch(text, /glpat-not-to-be-seen/);
    const log = await runClient("git", [
      "-C",
      origin,
      "log",
      "-1",
      "--format=%an <%ae> %s",
      "slipway/refresh",
    ]);
    assert.equal(log.trim(), "Alice Adams <alice@acme.example> Take the bases that there are now");
    const pushed = await project.read("../options");
    assert.match(
      pushed,
      /=merge_request\.create\n.*=merge_request\.target=main\n.*=merge_request\.title=Take the bases/,
    );
  });

  it("TINY-34: what is overdue is said by each run, by the stack's output and to the policies", async () => {
    const first = await run("publish", { ref: "refs/tags/v1.0.0" });
    assert.equal(first.code, 0, first.text);
    assert.doesNotMatch(first.text, /overdue: v/);
    assert.match(first.summary, /"overdue": \[\]/);
    const [released] = Object.entries(await tagDigests(`${registry.host}/app`)).filter(
      ([tag]) => tag === "v1.0.0",
    );
    const old = `v1.0.0-${dayAgo(40).replaceAll("-", "")}`;
    await crane(["tag", `${registry.host}/app@${released?.[1]}`, old]);
    const lockText = await project.read("../checkout/slipway.lock.json");
    await project.write({ "../checkout/slipway.lock.json": lockText.replace(dayAgo(0), dayAgo(100)) });
    const night = await scheduled("publish", "17 3 * * *");
    assert.equal(night.code, 0, night.text);
    const app = `${old} of ${registry.host}/app was built on ${dayAgo(40)}, and was to be built again by ${dayAgo(9)}`;
    assert.ok(night.text.includes(`overdue: ${app}`), night.text);
    const bases = `the digests of slipway.lock.json were taken on ${dayAgo(100)}`;
    assert.ok(night.text.includes(`overdue: ${bases}`), night.text);
    assert.ok(night.summary.includes(app) && night.summary.includes(bases), night.summary);
    assert.match(night.text, /nothing-overdue[^]*cadence of app is not kept: v1\.0\.0-/);
  });

  it("TINY-34: a rebuild takes the bases that there are now, and then nothing is overdue", async () => {
    const now = await current();
    assert.notEqual((await lock()).images[redis], now);
    const rebuilt = await scheduled("publish", "17 4 1 * *");
    assert.equal(rebuilt.code, 0, rebuilt.text);
    assert.ok(rebuilt.ran.includes("Bases as they are now"));
    assert.doesNotMatch(rebuilt.text, /overdue: /);
    assert.ok(rebuilt.summary.includes(`${redis}@${now}`), rebuilt.summary);
    const newest = `v1.0.0-${dayAgo(0).replaceAll("-", "")}`;
    const found = await tagDigests(`${registry.host}/app`);
    assert.ok(newest in found, Object.keys(found).join());
  });
});
