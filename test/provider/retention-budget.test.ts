import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Properties } from "../../provider/base/properties";
import type { ProviderProcess } from "../support/provider-process";
import { startCraneRegistry, startReferrersRegistry } from "../support/registries";
import { fillHistory, type LongHistory } from "./long-history";
import { useWorkbench, type Workbench } from "./workbench";

const retention = "slipway:oci:Retention";

for (const { name, tool, start, hasList, line, goes } of [
  {
    name: "that lists referrers itself",
    tool: "referrers-registry",
    start: startReferrersRegistry,
    hasList: false,
    // It goes through all that it has for each question.
    line: "1.0",
    goes: { versions: 4, tags: 4 + 4 + 1 },
  },
  {
    name: "whose clients list referrers under tags",
    tool: "crane",
    start: startCraneRegistry,
    hasList: true,
    line: "1",
    goes: { versions: 80, tags: 80 + 80 + 20 + 1 },
  },
]) {
  describe(`the retention of 2,000 tags in a registry ${name}`, function () {
    this.timeout(60_000);
    let bench: Workbench;
    let repository: string;
    let history: LongHistory;

    useWorkbench({ start, tools: [tool], folder: "budget/test" }, (test) => {
      ({ bench, repository } = test);
    });

    /** A run of its own, as the engine makes one, and what it has asked: tags and digests, by method. */
    async function run<T>(work: (provider: ProviderProcess) => Promise<T>) {
      // The collector of V8 takes its time while there is memory. With this limit what is really held decides.
      const provider = await bench.provider({}, { NODE_OPTIONS: "--max-semi-space-size=4" });
      bench.forget();
      const result = await work(provider);
      const asked = bench.proxy.requests.flatMap(({ method, path }) => {
        const reference = /\/(?:manifests|referrers)\/([^/?]+)/.exec(path)?.[1];
        return reference === undefined ? [] : [{ method, reference }];
      });
      const tags = asked.filter(({ method, reference }) => method === "GET" && !reference.includes(":"));
      return { result, asked: asked.length, tags: tags.map(({ reference }) => reference), provider };
    }

    const declared = (further: Properties = {}): Properties => ({
      repository,
      rule: { versions: { majors: 3, after: "2y" }, untagged: { after: "30d" } },
      names: [
        { kind: "version", prefix: "v", commit: ["version"] },
        { kind: "channel", name: "nightly" },
      ],
      notices: [{ versions: line, since: "2024-01-01", removal: "2024-07-01" }],
      versions: history.versions,
      ...further,
    });

    it("asks once a tag and twice at most about what goes, and another preview what can have changed", async () => {
      history = await fillHistory(
        bench.registry.host,
        repository.slice(repository.indexOf("/") + 1),
        hasList,
      );
      assert.equal(history.tags.length, 2000);
      const isOf = (tag: string) => tag === `v${line}` || tag.startsWith(`v${line}.`);
      const going = Object.keys(history.versions).filter(isOf);
      const manifests = going.flatMap((version) => history.manifests.get(version) ?? []);
      const goingTags = history.tags.filter(isOf);
      assert.deepEqual([going.length, goingTags.length], [goes.versions, goes.tags]);

      const lists = hasList ? going.length : 0;

      const first = await run((provider) => provider.create(retention, declared(), true));
      assert.deepEqual(Object.keys(first.result.inputs.due as object).sort(), goingTags.toSorted());
      assert.equal(new Set(first.tags).size, first.tags.length);
      assert(first.asked <= 2000 + manifests.length, `${first.asked} requests of the first preview`);

      const second = await run((provider) => provider.create(retention, declared(), true));
      assert.deepEqual(second.result.inputs.due, first.result.inputs.due);
      assert.deepEqual(
        second.tags.filter((tag) => !/^(v\d+(\.\d+)?|sha256-.*)$/.test(tag)),
        [],
      );
      // Lists are of what goes.
      assert(second.tags.length <= 105 + lists, `${second.tags.length} tags of the second preview`);

      const update = await run((provider) => provider.create(retention, declared()));
      assert.deepEqual(Object.keys(update.result.state.removed as object).sort(), goingTags.toSorted());
      assert.equal(new Set(update.tags).size, update.tags.length);
      const gone = manifests.length + goingTags.length + lists;
      assert(update.asked <= 2000 + 2 * gone, `${update.asked} requests of the update`);
      const status = readFileSync(`/proc/${update.provider.process.pid}/status`, "utf8");
      const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
      assert(peak < 200, `${peak} MiB`);

      const idle = await run((provider) => provider.create(retention, declared(), true));
      assert.equal(idle.result.inputs.due, undefined);
      const aliases = history.tags.filter((tag) => /^v\d+(\.\d+)?$/.test(tag) && !isOf(tag));
      assert.deepEqual(idle.tags.toSorted(), aliases.toSorted());
    });
  });
}
