import assert from "node:assert/strict";
import { parseRepository } from "../../../lib/oci/reference";
import type { Repository } from "../../../lib/oci/repository";
import { isUnread, planRetention } from "../../../lib/retention/plan";
import { ReadContents } from "../../../lib/retention/read-contents";
import { registryRemover, removeSteps } from "../../../lib/retention/remove";
import type { RetentionQuestion } from "../../../lib/retention/question";
import { startProxy, type FaultProxy } from "../../support/proxy";
import {
  startCraneRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../../support/registries";
import { requireTools } from "../../support/tools";
import { absences, publishImage, type PublishedImage } from "../oci/mirror/fixtures";
import { TestClients } from "../oci/registry/fixtures";

const versions = { "v1.0.0": "2020-01-01", "v2.0.0": "2021-01-01" };

/** The registry and two mirrors of it. */
const places = [
  { name: "CNCF Distribution", tool: "registry", start: () => startDistribution() },
  { name: "go-containerregistry", tool: "crane", start: startCraneRegistry },
  { name: "go-containerregistry with referrers", tool: "referrers-registry", start: startReferrersRegistry },
];

for (const { name, tool, start } of places) {
  describe(`a removal from ${name} that is cut off`, function () {
    this.timeout(60_000);
    let registry: TestRegistry;
    let proxy: FaultProxy;
    let clients: TestClients;

    before(async function () {
      requireTools(this, tool);
      registry = await start();
      proxy = await startProxy(registry.port);
      clients = new TestClients();
      repository = clients.open().repository(parseRepository(`${proxy.host}/cut/test`));
      kept = await publishImage(repository, {
        tags: ["v2.0.0", "v2.0", "v2", "latest"],
        ownLayerBytes: [100],
      });
    });
    after(async () => {
      await clients?.close();
      await proxy?.stop();
      await registry?.stop();
    });

    let kept: PublishedImage;
    let repository: Repository;

    interface Place {
      readonly repository: Repository;
      readonly images: Record<keyof typeof versions, PublishedImage>;
    }

    /** The version that stays, and a new image of the one that goes. */
    async function filled(): Promise<Place> {
      proxy.reset();
      const old = await publishImage(repository, { tags: ["v1.0.0", "v1.0", "v1"], ownLayerBytes: [] });
      return { repository, images: { "v1.0.0": old, "v2.0.0": kept } };
    }

    /** A run of its own, from the list of tags to the last deletion. */
    async function run({ repository, images }: Place, further: Partial<RetentionQuestion> = {}) {
      const contents = await ReadContents.of(repository, []);
      const question: RetentionQuestion = {
        contents,
        names: [{ kind: "version", prefix: "v" }],
        rule: { versions: { majors: 1, after: "2y" }, untagged: { after: "30d" } },
        notices: [{ versions: "1", since: "2024-01-01", removal: "2024-07-01" }],
        published: Object.fromEntries(
          Object.entries(versions).map(([version, day]) => [
            version,
            { day, digests: [images[version as keyof typeof versions].digest] },
          ]),
        ),
        seen: {},
        needs: new Set(),
        on: "2026-11-30",
        isFinal: true,
        ...further,
      };
      let plan = planRetention(question);
      for (; isUnread(plan.unread); plan = planRetention(question)) await contents.read(plan.unread);
      assert.deepEqual(contents.incomplete, []);
      await removeSteps(registryRemover(repository), plan.steps);
      return plan;
    }

    /** Every tag that is there leads to all that it is made of. */
    async function assertWhole({ repository, images }: Place): Promise<string[]> {
      assert.deepEqual(await absences(repository, images["v2.0.0"]), []);
      const tags = await repository.listTags();
      for (const tag of tags.filter((one) => one.startsWith("v1"))) {
        assert.equal((await repository.headManifest(tag))?.digest, images["v1.0.0"].digest);
        assert.deepEqual(await absences(repository, images["v1.0.0"]), [], tag);
      }
      return tags;
    }

    async function left({ repository, images }: Place): Promise<string[]> {
      const found = await Promise.all(
        images["v1.0.0"].manifests.map((digest) => repository.headManifest(digest)),
      );
      return found.flatMap((one) => one?.digest ?? []);
    }

    it("leaves nothing half at any deletion, and the next run finishes", async () => {
      const uncut = await filled();
      const { steps } = await run(uncut);
      const deletions = proxy.count("DELETE");
      assert.equal(deletions, steps.length);
      assert(steps.length >= 10, `${steps.length} deletions`);
      const last = await assertWhole(uncut);
      assert.deepEqual([last.filter((tag) => tag.startsWith("v1")), await left(uncut)], [[], []]);

      for (let cut = 1; cut <= deletions; cut++) {
        const place = await filled();
        // The registry does its work, the answer is lost, and from then on the connection is gone.
        const later = [...Array(200).keys()].map((index) => cut + 1 + index);
        proxy.inject({ method: "DELETE", nth: cut, fault: { kind: "lose-response" } });
        proxy.inject({ method: "DELETE", nth: later, fault: { kind: "swallow-request", afterBytes: 0 } });
        await assert.rejects(run(place), /DELETE|deleting/, `cut at ${cut}`);
        proxy.reset();
        const between = await assertWhole(place);
        const first = await run(place);
        await assertWhole(place);
        // What only belongs to digests is removed when it is known for as long as the rule says.
        await run(place, { seen: first.seen, on: "2027-02-28" });
        const tags = await assertWhole(place);
        const isOfKept = (tag: string) => {
          const subjects = [...place.images["v2.0.0"].manifests].map((digest) => digest.replace(":", "-"));
          return subjects.some((subject) => tag.startsWith(subject)) || /^v2|^latest$/.test(tag);
        };
        assert.deepEqual(
          tags.filter((tag) => !isOfKept(tag)),
          [],
          `cut at ${cut}: ${between.join(" ")}`,
        );
        // As long as the index was there, it leads to all the rest.
        const cutStep = steps.slice(0, cut).every(({ tag }) => tag !== undefined);
        if (cutStep) assert.deepEqual(await left(place), [], `cut at ${cut}`);
      }
    });
  });
}
