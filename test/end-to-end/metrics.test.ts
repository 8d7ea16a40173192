import assert from "node:assert/strict";
import * as path from "node:path";
import { runChild } from "../../lib/machine/child.cjs";
import type { MetricsReport } from "../../lib/metrics/report";
import { ensureBuilt } from "../../tools/build.cjs";
import { crane } from "../support/clients";
import { EngineProject, repository } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { listedRelease, listedRuns, UsageServices } from "../support/usage-services";

describe("BLEU-30, TINY-40, TINY-42: npx slipway metrics: how what was published is used", () => {
  let registry: TestRegistry;
  let services: UsageServices;
  let project: EngineProject;

  before(async () => {
    await ensureBuilt({ ifStale: true, only: ["cli/main.ts"] });
    registry = await startDistribution();
    services = await UsageServices.start();
    services.on("/repos/acme/app/releases", {
      body: [listedRelease("v1.1.0", { "app_linux_amd64.tar.gz": 12 })],
    });
    services.on("/repos/acme/app/actions/runs", { body: listedRuns({ success: 3, failure: 1 }) });
    services.on("/repos/acme/app/issues", { body: [{ number: 1 }] });
    project = await EngineProject.create({
      program: program(registry.host, services, "v1.0.0", false),
      files: { "app.sh": "#!/bin/sh\necho app 1.0.0\n" },
    });
    await project.upWithoutPreview();
  });

  after(async () => {
    await project?.remove();
    await services?.stop();
    await registry?.stop();
  });

  const run = async (...args: string[]) => {
    let [text, errors] = ["", ""];
    const { code } = await runChild(
      process.execPath,
      [path.join(repository, "cli/slipway.cjs"), "metrics", "--stack", "dev", ...args],
      {
        cwd: project.directory,
        env: { ...project.env, GITHUB_TOKEN: "token-of-the-job" },
        stdio: ["ignore", "pipe", "pipe"],
        onStart: (child) => {
          child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part));
          child.stderr?.setEncoding("utf8").on("data", (part: string) => (errors += part));
        },
      },
    );
    return { code, text, errors };
  };
  const report = async (...args: string[]): Promise<MetricsReport> => {
    const { code, text, errors } = await run("--format", "json", ...args);
    assert.equal(code, 0, errors);
    return JSON.parse(text) as MetricsReport;
  };

  it("says what to declare where a stack declares none", async () => {
    const { code, text, errors } = await run();
    assert.deepEqual([code, text], [1, ""]);
    assert.match(errors, /declares metrics[^]*`metrics: \{\}`/);
    assert.deepEqual(services.requests, []);
  });

  it("declaring it is no change of what is published", async () => {
    await project.program(program(registry.host, services, "v1.0.0", true));
    assert.match(await project.preview(), /\d+ unchanged/);
    const text = await project.upWithoutPreview();
    assert.doesNotMatch(text, /created|updated|replaced/);
    assert.deepEqual(services.requests, []);
  });

  it("has the sizes of each version and platform as the registry has them, and how they grow", async () => {
    await project.write({ "app.sh": `#!/bin/sh\necho app 1.1.0\n# ${"more and more ".repeat(40)}\n` });
    await project.program(program(registry.host, services, "v1.1.0", true));
    await project.upWithoutPreview();
    const { rows, use } = await report();
    const sizes = rows.filter(({ metric }) => metric === "size");
    assert.deepEqual(
      sizes.map(({ version, platform }) => [version, platform]),
      ["v1.0.0", "v1.1.0"].flatMap((version) => [
        [version, "linux/amd64"],
        [version, "linux/arm64"],
      ]),
    );
    for (const { version, platform, value } of sizes)
      assert.equal(value, await transferred(`${registry.host}/app:${version}`, platform));
    const [before, , after] = sizes;
    assert.ok((after?.value ?? 0) > (before?.value ?? 0));
    assert.deepEqual([after?.change, after?.since], [(after?.value ?? 0) - (before?.value ?? 0), "v1.0.0"]);
    assert.deepEqual(use.versions, {
      value: { "v1.1.0": 12 },
      of: "files of releases, since they were published",
    });
    assert.deepEqual(use.errors, { value: 0.25, of: "runs of CI that failed: acme/app, in 30 days" });
    assert.deepEqual(use.feedback, { value: 1, of: "open issues: acme/app migration" });
    assert.match(JSON.stringify(use.pulls), /a registry of this machine counts no pulls/);
    assert.ok(services.requests.every(({ headers }) => headers.authorization === "Bearer token-of-the-job"));
  });

  it("TINY-42: outputs of the stack have sizes by tag and platform, and times; no counts", async () => {
    const { metrics } = await project.outputs<{
      metrics: {
        sizes: Record<string, Record<string, Record<string, number>>>;
        published: Record<string, string>;
      };
    }>();
    assert.deepEqual(Object.keys(metrics.sizes.app ?? {}).sort(), ["latest", "v1.1.0"]);
    const { "linux/amd64": size } = metrics.sizes.app?.latest ?? {};
    assert.equal(size, await transferred(`${registry.host}/app:latest`, "linux/amd64"));
    assert.deepEqual(Object.keys(metrics.published), ["v1.0.0", "v1.1.0"]);
    for (const time of Object.values(metrics.published))
      assert.ok(Date.now() - Date.parse(time) < 600_000, time);
  });

  it("keeps a series in a file, and asks nobody again within an hour; the state and a preview know nothing of it", async () => {
    const before = await project.state();
    const first = await report("--history", "metrics.json");
    const asked = services.requests.length;
    services.on("/repos/acme/app/issues", { body: [] });
    assert.deepEqual(await report("--history", "metrics.json"), first);
    assert.equal(services.requests.length, asked);

    // An hour and more ago.
    const history = JSON.parse(await project.read("metrics.json")) as {
      times: string[];
      latest: { at: string };
      series: Record<string, number[]>;
    };
    const earlier = new Date(Date.parse(first.at) - 3_700_000).toISOString();
    const moved = { ...history, times: [earlier], latest: { ...history.latest, at: earlier } };
    await project.write({ "metrics.json": JSON.stringify(moved) });
    const later = await report("--history", "metrics.json");
    assert.ok(services.requests.length > asked);
    const feedback = later.rows.find(({ metric }) => metric === "feedback");
    assert.deepEqual([feedback?.value, feedback?.change, feedback?.since], [0, -1, earlier]);
    const kept = JSON.parse(await project.read("metrics.json")) as typeof history;
    assert.deepEqual(kept.times, [earlier, later.at]);
    assert.deepEqual(
      Object.entries(kept.series).flatMap(([key, numbers]) => (key.includes("feedback") ? [numbers] : [])),
      [[1, 0]],
    );
    assert.equal(await project.state(), before);
    assert.doesNotMatch(await project.preview(), /Outputs:|to update|to create/);
  });

  it("does not write over a file of something else", async () => {
    await project.write({ "other.json": "{}" });
    const { code, errors } = await run("--history", "other.json");
    assert.equal(code, 1);
    assert.match(errors, /--history other\.json is not a history of metrics/);
    assert.equal(await project.read("other.json"), "{}");
  });

  it("is told as a table, Markdown and metrics of Prometheus, and whatever cannot be read fails nothing", async () => {
    await services.stop();
    await registry.suspend();
    const { code, text } = await run();
    assert.equal(code, 0);
    assert.match(text, /^use +value +of\npull count +not available/);
    assert.match(text, /\nsize +\S+\/app +v1\.0\.0 +- +- +not available +\S/);
    const markdown = await run("--format", "markdown", "--output", "metrics.md");
    assert.deepEqual([markdown.code, markdown.text], [0, ""]);
    assert.match(await project.read("metrics.md"), /^\| use \| value \| of \|/);
    assert.match(
      (await run("--format", "prometheus")).text,
      /\nslipway_metric_unavailable\{metric="failures",/,
    );
  });
});

/** Bytes that crane says a platform's image is to transfer. */
async function transferred(reference: string, platform: string): Promise<number> {
  const manifest = await crane(["manifest", "--platform", platform, reference]);
  const { config, layers } = JSON.parse(manifest) as { config: { size: number }; layers: { size: number }[] };
  const digest = (await crane(["digest", "--platform", platform, reference])).trim();
  const raw = await crane(["manifest", `${reference.replace(/:[^:/]+$/, "")}@${digest}`]);
  return [config, ...layers].reduce((sum, { size }) => sum + size, Buffer.byteLength(raw));
}

function program(host: string, { url }: UsageServices, version: string, isDeclared: boolean): string {
  const metrics = `metrics: {
    repository: "acme/app",
    feedback: ["migration"],
    addresses: { github: "${url}" },
  },`;
  return `
import { Distribution, ociRegistry, semverTags } from "@slipway";
const app = new Distribution("app", {
  version: "${version}",
  registries: [ociRegistry({ host: ${JSON.stringify(host)} })],
  platforms: ["linux/amd64", "linux/arm64"],
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  images: { app: { files: [{ to: "/app.sh", source: "app.sh", mode: "0755" }] } },
  ${isDeclared ? metrics : ""}
});
${isDeclared ? "export const metrics = app.metrics;" : ""}
`;
}
