import assert from "node:assert/strict";
import * as path from "node:path";
import type { Context } from "mocha";
import {
  buildxBuilders,
  dockerBuildPlugin,
  emulateArm64,
  requireBuildKit,
  startBuildKit,
  type BuildKit,
} from "../support/buildkit";
import { crane, runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { buildTool, program, pushRootfs } from "./five-images";

interface Listed {
  manifests: { digest: string }[];
}

interface Layered {
  layers: { digest: string }[];
}

/** What a build took from elsewhere (SLSA provenance 1.0, "resolvedDependencies"), but its source. */
function dependencies(text: string): unknown {
  const { predicate } = JSON.parse(text) as {
    predicate: { buildDefinition: { resolvedDependencies: { uri: string }[] } };
  };
  return predicate.buildDefinition.resolvedDependencies.filter(({ uri }) => !uri.startsWith("git+"));
}

describe("builders: one for each platform, and a cache in the registry", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let daemons: BuildKit[] = [];
  let tool: Awaited<ReturnType<typeof buildTool>>;
  let project: EngineProject;

  before(async function (this: Context) {
    requireBuildKit(this);
    requireTools(this, "pulumi", "registry", "crane", "go", "buildctl");
    const why = emulateArm64();
    requirement(this, why === undefined, why ?? "");
    registry = await startDistribution();
    daemons = [await startBuildKit([registry.host]), await startBuildKit([registry.host])];
    tool = await buildTool();
    const [intel, arm] = daemons.map(({ address }) => address);
    const env = await buildxBuilders(path.join(tool.folder, "buildx"), {
      intel: intel ?? "",
      arm: arm ?? "",
    });
    const rootfs = `${registry.host}/external/rootfs:1.0.0`;
    await pushRootfs(rootfs, tool.folder, { name: "intel", env });
    project = await EngineProject.create({
      program: "",
      files: {
        "app/Dockerfile": `FROM ${rootfs}\nCOPY app.txt /app.txt\nRUN ["/bin/tool", "stamp", "/stamp"]\n`,
        "app/app.txt": "app\n",
      },
      env,
      plugins: { "docker-build": dockerBuildPlugin() },
    });
  });

  after(async () => {
    await project?.remove();
    for (const daemon of daemons) await daemon.stop();
    await tool?.remove();
    await registry?.stop();
  });

  const image = (more: string) =>
    program(registry.host, { app: `dockerfile: "app/Dockerfile", ${more}` })
      .replace(`builder: "slipway-test", `, "")
      .replace(`context: "docker/apps"`, `context: "app"`);

  /** What a daemon has run, as its own client tells. */
  const records = (daemon: BuildKit | undefined) =>
    runClient("buildctl", ["--addr", daemon?.address ?? "", "du", "--verbose"]);

  it("BLEU-15: two builders, each for its own platform, write their caches with mode max", async () => {
    const cache = `cache: { to: "${registry.host}/myorg/app:buildcache-{arch}" }`;
    await project.program(image(`builder: { "linux/amd64": "intel", "linux/arm64": "arm" }, ${cache}`));
    await project.upWithoutPreview();
    for (const daemon of daemons) assert.match(await records(daemon), /exec \/bin\/tool stamp/);
    const tags = (await crane(["ls", `${registry.host}/myorg/app`])).split("\n").sort();
    assert.deepEqual(tags, ["buildcache-amd64", "buildcache-arm64", "latest", "v2", "v2.0", "v2.0.0"]);
  });

  it("BLEU-15: another builder takes the steps from the cache, and makes the same image", async () => {
    const before = await crane(["digest", `${registry.host}/myorg/app:v2.0.0`]);
    const cache = `cache: { from: ["${registry.host}/myorg/app:buildcache-{arch}"] }`;
    // Each platform goes to the daemon that has never built it.
    await project.program(image(`builder: { "linux/amd64": "arm", "linux/arm64": "intel" }, ${cache}`));
    const text = await project.upWithoutPreview();
    assert.match(text, /Image app-linux-amd64 updated/);
    // The step writes the time: done again, it would have made another image.
    assert.equal(await crane(["digest", `${registry.host}/myorg/app:v2.0.0`]), before);
  });

  it("TINY-21: the provenance names the base image with the digest that was built on", async () => {
    const base = await crane(["digest", `${registry.host}/external/rootfs:1.0.0`]);
    await project.program(
      image(`builder: { "linux/amd64": "arm", "linux/arm64": "intel" }`).replace(
        "version:",
        "trust: {}, version:",
      ),
    );
    await project.upWithoutPreview();
    const repository = `${registry.host}/myorg/app`;
    const digest = await crane(["digest", `${repository}:v2.0.0`]);
    const referrers = JSON.parse(
      await crane(["manifest", `${repository}:${digest.replace(":", "-")}`]),
    ) as Listed;
    const found = await Promise.all(
      referrers.manifests.map(async (referrer) => {
        const { layers } = JSON.parse(
          await crane(["manifest", `${repository}@${referrer.digest}`]),
        ) as Layered;
        return crane(["blob", `${repository}@${layers[0]?.digest}`]);
      }),
    );
    const provenance = found.find((text) => text.includes("slsa.dev/provenance")) ?? "";
    assert.deepEqual(dependencies(provenance), [
      { uri: `${registry.host}/external/rootfs:1.0.0`, digest: { sha256: base.replace("sha256:", "") } },
    ]);
  });

  it("refuses a cache that two platforms would write to the same place, and a platform without a builder", async () => {
    await project.program(
      image(`builder: { "linux/amd64": "intel" }, cache: { to: "${registry.host}/myorg/app:buildcache" }`),
    );
    const text = await project.fail(["preview", "--stack", "dev"]);
    assert.match(text, /images\.app\.builder: has no builder for linux\/arm64/);
    assert.match(text, /images\.app\.cache\.to: .* is the same for all 2 platforms/);
  });
});
