import assert from "node:assert/strict";
import type { Properties } from "../../provider/base/properties";
import { openRepository, type PublishedImage, type TestRepository } from "./published-history";
import { crane } from "../support/clients";
import type { Held, ProviderProcess } from "../support/provider-process";
import {
  startCraneRegistry,
  startDebianRegistry,
  startDistribution,
  startReferrersRegistry,
} from "../support/registries";
import { useWorkbench, type Workbench } from "./workbench";

const retention = "slipway:oci:Retention";

const registries = [
  { name: "CNCF Distribution 3", tool: "registry", start: () => startDistribution() },
  { name: "CNCF Distribution 2.8", tool: "docker-registry", start: () => startDebianRegistry() },
  { name: "go-containerregistry", tool: "crane", start: startCraneRegistry },
  { name: "go-containerregistry with referrers", tool: "referrers-registry", start: startReferrersRegistry },
];

/** Days of four majors; the last three stay whatever their age. */
const versions = {
  "v1.0.0": "2020-01-01",
  "v2.0.0": "2021-01-01",
  "v3.0.0": "2022-01-01",
  "v4.0.0": "2023-01-01",
};

/** The retention of the repository, with version 1 announced long ago. */
function declared(repository: string, further: Properties = {}): Properties {
  return {
    repository,
    rule: { versions: { majors: 3, after: "2y" } },
    names: [
      { kind: "version", prefix: "v" },
      { kind: "branch", prefix: "branch-" },
    ],
    notices: [{ versions: "1", since: "2024-01-01", removal: "2024-07-01" }],
    versions,
    ...further,
  };
}

for (const { name, tool, start } of registries) {
  describe(`the retention of a repository in ${name}`, function () {
    this.timeout(60_000);
    let bench: Workbench;
    let repository: string;
    let registry: TestRepository;
    let images: Record<string, PublishedImage>;

    useWorkbench({ start, tools: [tool, "crane"], folder: "retention/test" }, (test) => {
      ({ bench, repository } = test);
    });

    beforeEach(async () => {
      registry = openRepository(bench.direct(repository));
      images = {};
      for (const version of Object.keys(versions)) {
        const aliases = [
          version.slice(0, 2),
          version.slice(0, 4),
          ...(version === "v4.0.0" ? ["latest"] : []),
        ];
        images[version] = await registry.publish(version, ...aliases);
      }
    });
    afterEach(() => registry.close());

    /** A run of its own, as the engine makes one. */
    async function run<T>(
      work: (provider: ProviderProcess) => Promise<T>,
    ): Promise<{ result: T; said: string[] }> {
      const provider = await bench.provider();
      bench.forget();
      const result = await work(provider);
      const said = provider.shown.filter(({ ephemeral }) => !ephemeral).map(({ text }) => text);
      return { result, said };
    }

    /** What is whole of what is to stay. */
    async function assertKept(...names: string[]): Promise<void> {
      for (const version of names) {
        const image = images[version]!;
        assert.deepEqual(await registry.absences(image), [], version);
        assert.equal(await crane(["digest", `${bench.direct(repository)}:${version}`]), image.digest);
      }
    }

    it("TINY-35, TINY-37: is named by a preview, with reasons, and removed by an update: tags, then content", async () => {
      const preview = await run((provider) => provider.create(retention, declared(repository), true));
      assert.deepEqual(bench.writeLines(), []);
      const [told = ""] = preview.said;
      assert.match(told, /by the declared retention goes, with \d+ manifests:\n/);
      assert.match(
        told,
        /\n- v1\.0\.0: published 2020-01-01, older than 2y, outside the last 3 majors, removal announced for 2024-07-01/,
      );
      assert.match(told, /\n- v1: all versions of it go/);

      const { result: held, said } = await run((provider) =>
        provider.create(retention, declared(repository)),
      );
      assert.deepEqual(Object.keys(held.state.removed as object).sort(), ["v1", "v1.0", "v1.0.0"]);
      assert.match(said.join("\n"), /: removed \d+ tags and \d+ manifests/);
      for (const tag of ["v1", "v1.0", "v1.0.0"]) {
        await assert.rejects(crane(["digest", `${bench.direct(repository)}:${tag}`]), /MANIFEST_UNKNOWN|404/);
      }
      assert.deepEqual(await registry.manifestsOf(images["v1.0.0"]!), []);
      assert.deepEqual(
        (await bench.tags(repository)).filter((tag) => tag.startsWith("v")),
        ["v2", "v2.0", "v2.0.0", "v3", "v3.0", "v3.0.0", "v4", "v4.0", "v4.0.0"],
      );
      await assertKept("v2.0.0", "v3.0.0", "v4.0.0");

      const again = await run((provider) => provider.diff(held, declared(repository)));
      assert.deepEqual(again.result.changes, []);
    });

    it("leaves what somebody has tagged since the plan was made", async () => {
      const { result, said } = await run(async (provider) => {
        const checked = await provider.checkKeepingSecrets(retention, declared(repository));
        assert.equal(Object.keys(checked.values.due as object).length, 3);
        await crane(["tag", `${bench.direct(repository)}@${images["v1.0.0"]!.digest}`, "keep-me"]);
        return provider.createChecked(retention, checked);
      });
      assert.deepEqual(result.state.removed, {});
      assert.match(said.join("\n"), /- v1\.0\.0: keep-me points to the same, and stays/);
      await assertKept("v1.0.0", "v2.0.0", "v3.0.0", "v4.0.0");
    });

    // What follows is the same whatever the registry.
    if (tool !== "registry") return;

    it("PROD-07: is nothing without a notice whose day has come", async () => {
      for (const notices of [undefined, [{ versions: "1", since: "2024-01-01", removal: "2999-01-01" }]]) {
        const { result } = await run((provider) =>
          provider.create(retention, declared(repository, { notices })),
        );
        assert.deepEqual([result.state.removed, bench.writeLines()], [{}, []]);
        assert.match(
          (result.inputs.waiting as Record<string, string>)["v1.0.0"]!,
          notices ? /announced for 2999-01-01/ : /not announced/,
        );
      }
      await assertKept("v1.0.0", "v2.0.0", "v3.0.0", "v4.0.0");
    });

    it("leaves a version that an alias was moved to since it was planned", async () => {
      const planned = await run((provider) => provider.checkKeepingSecrets(retention, declared(repository)));
      await crane(["tag", `${bench.direct(repository)}@${images["v1.0.0"]!.digest}`, "latest"]);
      const { result } = await run((provider) => provider.createChecked(retention, planned.result));
      assert.deepEqual(result.state.removed, {});
      await assertKept("v1.0.0");
    });

    it("leaves a version that a version tag was moved to, whatever the plan remembers of that", async () => {
      await run((provider) => provider.create(retention, declared(repository), true));
      await crane(["tag", `${bench.direct(repository)}@${images["v1.0.0"]!.digest}`, "v3.0.0"]);
      const { result, said } = await run((provider) => provider.create(retention, declared(repository)));
      assert.equal(Object.keys(result.inputs.due as object).length, 3);
      assert.deepEqual(result.state.removed, {});
      assert.match(said.join("\n"), /- v1\.0\.0: v3\.0\.0 points to the same, and stays/);
      assert.deepEqual(await registry.absences(images["v1.0.0"]!), []);
    });

    for (const [title, path, status] of [
      ["lists a tag that is not there", /\/manifests\/v3\.0\.0$/, 404],
      ["does not list its tags", /\/tags\/list/, 403],
      ["does not give a manifest", /\/manifests\/v4\.0$/, 403],
    ] as const) {
      it(`is nothing where the registry ${title}`, async () => {
        const { result, said } = await run(async (provider) => {
          bench.proxy.inject({ method: "GET", path, fault: { kind: "respond", status } });
          return provider.create(retention, declared(repository));
        });
        assert.deepEqual([result.state.removed, bench.writeLines()], [{}, []]);
        assert.match(said.join("\n"), /nothing is removed, for the registry did not answer whole/);
        await assertKept("v1.0.0");
      });
    }

    it("asks once a tag, and twice at most a manifest that goes", async () => {
      const all = await bench.tags(repository);
      const { result } = await run((provider) => provider.create(retention, declared(repository)));
      assert.equal(Object.keys(result.state.removed as object).length, 3);
      const listings = bench.proxy.count("GET", /\/tags\/list/);
      const asked = bench.proxy.requests.length - listings - bench.proxy.count("GET", /\/v2\/$/);
      const manifests = images["v1.0.0"]!.manifests.length + images["v1.0.0"]!.legacyTags.length;
      const tags = Object.keys(result.state.removed as object).length;
      assert(asked <= all.length + 2 * (manifests + tags), `${asked} requests`);
    });
  });
}

describe("the retention of a repository that deletes nothing", function () {
  this.timeout(60_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;
  useWorkbench(
    {
      start: () => startDistribution({ keepsAll: true }),
      tools: ["registry", "crane"],
      folder: "keeps/test",
    },
    (test) => {
      ({ bench, provider, repository } = test);
    },
  );

  for (const [title, refusesTags, removed] of [
    ["or tags alone, as Distribution without deletion does", false, ["v1.0.0"]],
    ["at all", true, []],
  ] as const) {
    it(`${title} is told with what to do, and is no error`, async () => {
      const registry = openRepository(bench.direct(repository));
      const images = await Promise.all(Object.keys(versions).map((version) => registry.publish(version)));
      if (refusesTags) bench.proxy.inject({ method: "DELETE", fault: { kind: "respond", status: 405 } });
      const before = provider.shown.length;
      const held: Held = await provider.create(retention, declared(repository));
      assert.deepEqual(Object.keys(held.state.removed as object), removed);
      assert.match(String(held.state.refused), /HTTP 405/);
      const said = provider.shown.slice(before).map(({ text }) => text);
      assert.match(said.join("\n"), /does not delete for this account.*HTTP 405/);
      assert.match(said.join("\n"), /Let the registry delete \(`storage\.delete\.enabled` of Distribution\)/);
      for (const image of images) assert.deepEqual(await registry.absences(image), []);
      await registry.close();
    });
  }
});
