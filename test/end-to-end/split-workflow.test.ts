import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { ensureBuilt } from "../../tools/build.cjs";
import { emulateArm64 } from "../support/buildkit";
import { crane } from "../support/clients";
import type { EngineProject } from "../support/engine";
import { RenderedCheckout } from "../support/rendered-checkout";
import { requirement } from "../support/requirement";
import { readWorkflow, runJob, type JobMachine, type JobResult } from "../support/workflow-job";
import { BuildKitPlace } from "./buildkit-place";
import { tagDigests } from "./observation";

/** What others do on a runner: here it is there. */
const without = ["Install packages", "Install Pulumi"];

const program = `
import * as pulumi from "@pulumi/pulumi";
import { configured, Distribution, githubWorkflows, ociRegistry } from "@slipway";

const config = new pulumi.Config();
const app = new Distribution("app", {
  ...configured(config),
  source: "https://github.com/acme/app",
  registries: [ociRegistry({ host: config.require("registry") })],
  platforms: ["linux/amd64", "linux/arm64"],
  split: true,
  images: { app: { dockerfile: "app/Dockerfile", context: "app", builder: "slipway-jobs" } },
  documents: githubWorkflows({
    stack: "dev",
    versionFrom: "configuration",
    state: "run",
    policies: "policies.json",
    workflows: { release: { tags: ["v*"] } },
  }),
});
export const { published } = app;
`;

describe("rendered jobs of a release whose platforms are built by runs of their own", function () {
  this.timeout(240_000);
  let place: BuildKitPlace;
  let project: EngineProject;
  let checkout: RenderedCheckout;
  let workflow: string;

  before(async function (this: Context) {
    const why = emulateArm64();
    requirement(this, why === undefined, why ?? "");
    place = await BuildKitPlace.open(this, "slipway-jobs");
    await ensureBuilt({ ifStale: true });
    const config = { registry: place.registry.host, version: "v9.9.9" };
    project = await place.create({
      program,
      files: {
        "policies.json": '{ "all": "advisory" }',
        "app/Dockerfile": `FROM ${place.rootfs}\nRUN ["/bin/tool", "write", "/etc/app", "app"]\n`,
      },
      config,
    });
    checkout = await RenderedCheckout.of(project, config);
    await checkout.git("tag", "v1.0.0");
    Object.assign(checkout.env, place.env);
    workflow = await project.read(".github/workflows/release.yml");
  });
  after(async () => {
    await checkout?.stop();
    await project?.remove();
    await place?.close();
  });

  async function run(job: string, given: Partial<JobMachine> & { matrix?: Record<string, string> }) {
    const { matrix, ...machine } = given;
    const event = {
      github: { event_name: "push", ref: "refs/tags/v1.0.0" },
      ...(matrix ? { matrix } : { needs: { build: { result: "success" } } }),
    };
    const result = await runJob(workflow, job, event, {
      checkout: checkout.folder,
      env: checkout.env,
      without,
      ...machine,
    });
    await checkout.renew();
    assert.ok(result);
    return result;
  }

  const parts: JobResult[] = [];
  /** What the action for artifacts does. */
  const bring = (from: readonly JobResult[]) => async (temp: string) => {
    for (const { temp: made } of from) {
      await cp(path.join(made, "parts"), path.join(temp, "parts"), { recursive: true });
    }
  };
  const tags = () => tagDigests(`${place.registry.host}/app`);

  it("a job builds for its platform, and sets no tag", async () => {
    const include = readWorkflow(workflow).jobs.build?.strategy?.matrix.include ?? [];
    assert.deepEqual(
      include.map(({ platform, runner }) => [platform, runner]),
      [
        ["linux/amd64", "ubuntu-24.04"],
        ["linux/arm64", "ubuntu-24.04-arm"],
      ],
    );
    for (const matrix of include) {
      const result = await run("build", { matrix });
      assert.equal(result.code, 0, result.text);
      parts.push(result);
    }
    assert.deepEqual(await tags(), {});
  });

  it("the release waits for all of them: without one it is refused, and nothing is tagged", async () => {
    const refused = await run("publish", { bring: bring(parts.slice(0, 1)) });
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /linux\/arm64/);
    assert.deepEqual(await tags(), {});
  });

  it("with all of them it joins what they have built", async () => {
    const joined = await run("publish", { bring: bring(parts) });
    assert.equal(joined.code, 0, joined.text);
    const released = await tags();
    assert.deepEqual(Object.keys(released), ["latest", "v1", "v1.0", "v1.0.0"]);
    const index = JSON.parse(await crane(["manifest", `${place.registry.host}/app:v1.0.0`])) as {
      manifests: { platform?: { architecture: string } }[];
    };
    assert.deepEqual(
      index.manifests.map(({ platform }) => platform?.architecture),
      ["amd64", "arm64"],
    );
  });
});
