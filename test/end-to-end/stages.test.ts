import assert from "node:assert/strict";
import { EngineProject, repository, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { RequestRecord, tagDigests } from "./observation";

interface Deployment {
  deployment: { resources: { urn: string; type: string; dependencies?: string[] }[] };
}

/** That many images with SBOM and provenance, and a check of each, which fails for those that are named. */
function program(registry: string, count: number, version: string, failing: readonly string[] = []): string {
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  return `
import { Distribution, ociRegistry, semverTags } from "@slipway";

new Distribution("app", {
  version: ${JSON.stringify(version)},
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: Object.fromEntries(
    ${JSON.stringify(names)}.map((name) => [name, { files: [{ to: "/app", content: name + ${JSON.stringify(version)} }] }]),
  ),
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  trust: {},
  gates: {
    well: { each: "image", command: { command: "case '{image}' in ${[...failing, "none"].join("|")}) exit 1;; esac" } },
  },
  afterPublication: { seen: { each: "image", command: { command: "true" } } },
});
`;
}

describe("stages hold a release together", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let tags: Record<string, string>[];

  before(async function () {
    requireTools(this, "pulumi", "registry");
    registry = await startDistribution();
    project = await EngineProject.create({ program: program(registry.host, 2, "v1.0.0") });
    await project.upWithoutPreview();
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const named = (urn: string) => urn.split("::").pop() ?? "";
  const stateOf = async () => JSON.parse(await project.state()) as Deployment;
  const publishedTags = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const all = await tagDigests(`${registry.host}/app-${index}`);
        return Object.fromEntries(Object.entries(all).filter(([tag]) => !tag.startsWith("sha256-")));
      }),
    );

  it("so what a resource depends on does not grow with the number of images", async () => {
    const dependencies = async () =>
      (await stateOf()).deployment.resources
        .filter(
          ({ type, urn }) =>
            !/:(Stage|Ledger|Stack|Distribution)$/.test(type) && /app-[01]\b/.test(named(urn)),
        )
        .map(({ urn, dependencies = [] }) => `${named(urn)}: ${dependencies.map(named).sort().join(", ")}`)
        .sort();
    const few = await dependencies();
    assert.ok(
      few.includes("app-0:aliases: app-0, app-0, app-0, app-0-linux-amd64, app-tagged, well app-0"),
      few.join("\n"),
    );
    await project.program(program(registry.host, 5, "v1.0.0"));
    await project.upWithoutPreview();
    assert.deepEqual(await dependencies(), few);
    // Nor does it say where this package is, or more of the program than the place of the declaration.
    const state = await project.state();
    assert.ok(!state.includes(repository));
    assert.match(state, /"sourcePosition": "project:\/\/\/index\.ts#\d+,\d+"/);
    tags = await publishedTags(5);
    assert.deepEqual(
      tags.map((one) => Object.keys(one)),
      Array(5).fill(["latest", "v1.0.0"]),
    );
  });

  it("and the state of a version without them is taken over: they are made, and nothing else changes", async () => {
    const state = await stateOf();
    const { resources } = state.deployment;
    const gates = resources
      .filter(({ type }) => /^slipway:(trust|gate):|:Index$/.test(type))
      .map(({ urn }) => urn)
      .filter((urn) => !urn.includes("seen "));
    const stages = resources.filter(({ type }) => type === "slipway:release:Stage").map(({ urn }) => urn);
    assert.deepEqual(stages.map(named), ["app-proven", "app-tagged", "app-published"]);
    state.deployment.resources = resources
      .filter(({ urn }) => !stages.includes(urn))
      .map((one) => {
        const known = one.dependencies?.filter((urn) => !stages.includes(urn)) ?? [];
        const isTags = one.type === "slipway:oci:Tags";
        return { ...one, dependencies: isTags ? [...new Set([...known, ...gates])] : known };
      });
    await project.write({ "state.json": JSON.stringify(state) });
    await project.succeed(["stack", "import", "--stack", "dev", "--file", "state.json"]);
    const requests = new RequestRecord(registry);
    await requests.take();
    const text = await project.upWithoutPreview();
    const counted = state.deployment.resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    assert.deepEqual(resourceCounts(text), { created: 3, unchanged: counted.length });
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });

  for (const flags of [[], ["--continue-on-error"]]) {
    it(
      `and a gate that fails leaves every tag of every image where it was ${flags.join(" ")}`.trim(),
      async () => {
        await project.program(program(registry.host, 5, "v2.0.0", ["app-3"]));
        const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev", ...flags]);
        assert.match(text, /well app-3/);
        assert.deepEqual(await publishedTags(5), tags);
      },
    );
  }

  it("until it passes", async () => {
    await project.program(program(registry.host, 5, "v2.0.0"));
    await project.upWithoutPreview();
    for (const one of await publishedTags(5)) {
      assert.deepEqual(Object.keys(one), ["latest", "v1.0.0", "v2.0.0"]);
      assert.equal(one.latest, one["v2.0.0"]);
    }
  });
});
