import assert from "node:assert/strict";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { pushImage, registryKinds, useWorkbench, type Workbench } from "./workbench";

const tags = "slipway:oci:Tags";
const noDigest = `sha256:${"0".repeat(64)}`;

/** Version tags of those names. */
const fixed = (...names: string[]): Properties[] => names.map((tag) => ({ tag, moves: "never" }));
/** Tags of those names that follow the program. */
const moving = (...names: string[]): Properties[] => names.map((tag) => ({ tag, moves: "always" }));

for (const { name, start } of registryKinds) {
  describe(`tags that are published together in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    let repository: string;

    useWorkbench({ start, tools: ["registry", "crane"], folder: "tags/test" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    /** Digest of a new image in the repository. */
    const newImage = (content?: string) => pushImage(provider, repository, content);

    /** Tags set by somebody else. */
    async function tagByHand(digest: string, ...names: string[]): Promise<void> {
      for (const tag of names) await crane(["tag", `${bench.direct(repository)}@${digest}`, tag]);
    }

    /** Digests by tag, as crane sees them. */
    async function published(): Promise<Record<string, string | undefined>> {
      const names = await bench.tags(repository);
      const digests = await Promise.all(names.map((tag) => bench.digestOf(`${repository}:${tag}`)));
      return Object.fromEntries(names.map((tag, index) => [tag, digests[index]]));
    }

    /** The tags that were put, in order. */
    const put = () => bench.writes().map(({ path }) => path.split("/").at(-1));

    /** What a call shows beside the resource, without what is only a status. */
    async function said(work: () => Promise<unknown>): Promise<string[]> {
      const before = provider.shown.length;
      await work();
      return provider.shown
        .slice(before)
        .filter(({ ephemeral }) => !ephemeral)
        .map(({ text }) => text);
    }

    async function observed(held: Held): Promise<Held> {
      const found = await provider.read(held);
      assert.ok(found, "it is gone");
      return found;
    }

    it("all point to the digest, those that never move first", async () => {
      const digest = await newImage();
      const inputs = { repository, digest, tags: [...moving("main"), ...fixed("v1.0.0", "1.0.0")] };
      bench.forget();
      const preview = await provider.create(tags, inputs, true);
      assert.deepEqual(bench.writeLines(), []);
      const held = await provider.create(tags, inputs);
      const pointers = { main: digest, "v1.0.0": digest, "1.0.0": digest };
      for (const { state } of [preview, held]) {
        assert.deepEqual(state.pointers, pointers);
        assert.deepEqual(
          state.references,
          ["main", "v1.0.0", "1.0.0"].map((tag) => `${repository}:${tag}`),
        );
      }
      assert.deepEqual(put(), ["v1.0.0", "1.0.0", "main"]);
      assert.deepEqual(await published(), pointers);
    });

    it("that point there already are adopted", async () => {
      const digest = await newImage();
      await tagByHand(digest, "v1.0.0", "main");
      bench.forget();
      await provider.create(tags, { repository, digest, tags: [...fixed("v1.0.0"), ...moving("main")] });
      assert.deepEqual(bench.writeLines(), []);
    });

    it("cost an observation one request each", async () => {
      const digest = await newImage();
      const names = Array.from({ length: 10 }, (_, patch) => `v1.0.${patch}`);
      const held = await provider.create(tags, { repository, digest, tags: fixed(...names) });
      bench.forget();
      assert.deepEqual(await observed(held), held);
      assert.deepEqual(
        (await provider.diff(held, { repository, digest, tags: fixed(...names) })).changes,
        [],
      );
      assert.deepEqual(
        bench.proxy.requests.map(({ method, path }) => `${method} ${path.split("/").at(-1)}`).sort(),
        names.map((tag) => `HEAD ${tag}`).sort(),
      );
    });

    it("are refused together, before any of them is put, where versions exist with another digest", async () => {
      const other = await newImage();
      const digest = await newImage();
      await tagByHand(other, "v1.0.0", "1.0.0", "main");
      bench.forget();
      const inputs = {
        repository,
        digest,
        tags: [...moving("main"), ...fixed("abc1234", "v1.0.0", "1.0.0")],
      };
      for (const preview of [true, false]) {
        await assert.rejects(provider.create(tags, inputs, preview), (error: Error) => {
          const lines = ["v1.0.0", "1.0.0"].map(
            (tag) =>
              `${repository}:${tag} is published as ${other}, and this program makes ${digest}. ` +
              `A version tag never moves. Release the change under a new version, or go back to the sources of ${tag}.`,
          );
          assert.equal(error.message, lines.join("\n"));
          return true;
        });
      }
      assert.deepEqual(bench.writeLines(), []);
      assert.deepEqual(await published(), { "1.0.0": other, main: other, "v1.0.0": other });
    });

    it("are refused at check where the program gives a published version another digest", async () => {
      const digest = await newImage();
      const next = await newImage();
      const held = await provider.create(tags, { repository, digest, tags: fixed("v1.0.0", "abc1234") });
      await assert.rejects(
        provider.diff(held, { repository, digest: next, tags: fixed("v1.0.0", "def5678") }),
        (error: CheckFailed) => {
          assert.deepEqual(
            error.failures?.map(({ property }) => property),
            ["digest"],
            error.message,
          );
          assert.ok(error.message.includes(`:v1.0.0 is published as ${digest}`), error.message);
          assert.ok(error.message.includes(next) && !error.message.includes(":abc1234"), error.message);
          return true;
        },
      );
    });

    it("say of each that moves from where to where, at preview and when it is done", async () => {
      const old = await newImage();
      const digest = await newImage();
      await tagByHand(old, "main", "dev");
      await tagByHand(digest, "edge");
      const inputs = { repository, digest, tags: moving("main", "dev", "edge", "new") };
      for (const [preview, words] of [
        [true, "will move"],
        [false, "moves"],
      ] as const) {
        assert.deepEqual(
          await said(() => provider.create(tags, inputs, preview)),
          ["main", "dev"].map((tag) => `${repository}:${tag} ${words} from ${old} to ${digest}`),
        );
        assert.equal((await published()).main, preview ? old : digest);
      }
    });

    it("are seen where somebody moved or deleted one, and put back alone", async () => {
      const digest = await newImage();
      const other = await newImage();
      const inputs = { repository, digest, tags: [...fixed("v1.0.0", "v1.0.0-a"), ...moving("main", "dev")] };
      const held = await provider.create(tags, inputs);
      await tagByHand(other, "v1.0.0", "main");
      await crane(["delete", `${bench.direct(repository)}:dev`]);
      const drifted = await observed(held);
      assert.deepEqual(drifted.inputs, held.inputs);
      assert.deepEqual(drifted.state.pointers, { "v1.0.0": other, "v1.0.0-a": digest, main: other });
      assert.deepEqual(await changesOf(drifted, inputs), {
        'pointers["v1.0.0"]': "update",
        'pointers["main"]': "update",
        'pointers["dev"]': "add",
      });
      bench.forget();
      await provider.update(drifted, inputs, true);
      assert.deepEqual(bench.writeLines(), []);
      const repaired = await provider.update(drifted, inputs);
      assert.deepEqual(put(), ["v1.0.0", "main", "dev"]);
      assert.deepEqual(repaired.state, held.state);
      assert.deepEqual((await provider.diff(repaired, inputs)).changes, []);
    });

    it("are gone with the last of them", async () => {
      const digest = await newImage();
      const held = await provider.create(tags, { repository, digest, tags: fixed("v1.0.0", "v1.0.1") });
      await crane(["delete", `${bench.direct(repository)}:v1.0.0`]);
      assert.deepEqual((await observed(held)).state.pointers, { "v1.0.1": digest });
      await crane(["delete", `${bench.direct(repository)}:v1.0.1`]);
      assert.equal(await provider.read(held), undefined);
    });

    it("PROD-07: follow a changed list: what is new is put, what left it stays in the registry", async () => {
      const digest = await newImage();
      const next = await newImage();
      const held = await provider.create(tags, { repository, digest, tags: fixed("v1.0.0") });
      const inputs = { repository, digest: next, tags: fixed("v1.1.0") };
      // What stays is not shown as a deletion.
      assert.deepEqual(await changesOf(held, inputs), { 'pointers["v1.1.0"]': "add" });
      bench.forget();
      for (const preview of [true, false]) {
        const words = await said(() => provider.update(held, inputs, preview));
        assert.deepEqual(words.length, 2, words.join("\n"));
        assert.equal(words[0], `${repository}: v1.0.0 stays in the registry`);
        const made = `${repository}:v1.1.0 ${preview ? "will be" : "is"} new: ${next.slice(0, 19)}`;
        assert.equal(words[1], made);
      }
      assert.deepEqual(put(), ["v1.1.0"]);
      assert.deepEqual(await published(), { "v1.0.0": digest, "v1.1.0": next });
    });

    it("are refused where a version that is new in the list exists with another digest", async () => {
      const digest = await newImage();
      const other = await newImage();
      const held = await provider.create(tags, {
        repository,
        digest,
        tags: [...fixed("v1.0.0"), ...moving("main")],
      });
      await tagByHand(other, "v1.0.1", "main");
      bench.forget();
      const inputs = { repository, digest, tags: [...fixed("v1.0.0", "v1.0.1"), ...moving("main")] };
      for (const preview of [true, false]) {
        await assert.rejects(
          provider.update(held, inputs, preview),
          new RegExp(`:v1\\.0\\.1 is published as ${other}, and this program makes ${digest}`),
        );
      }
      assert.deepEqual(bench.writeLines(), []);
    });

    it("need another resource in another repository", async () => {
      const digest = await newImage();
      const held = await provider.create(tags, { repository, digest, tags: fixed("v1.0.0") });
      const elsewhere = { repository: `${repository}/other`, digest: noDigest, tags: fixed("v1.0.0") };
      assert.deepEqual((await provider.diff(held, elsewhere)).replaces, ["repository"]);
    });

    it("stay in the registry when they leave the program, each by name", async () => {
      const digest = await newImage();
      const held = await provider.create(tags, { repository, digest, tags: fixed("v1.0.0", "v1.0.1") });
      bench.forget();
      const words = await said(() => provider.delete(held));
      assert.deepEqual(
        words.map((text) => text.split(" stays in the registry")[0]),
        [`${repository}:v1.0.0`, `${repository}:v1.0.1`],
      );
      assert.deepEqual(bench.writeLines(), []);
    });

    it("say which digest is not in the repository, and put none", async () => {
      await newImage();
      await assert.rejects(
        provider.create(tags, { repository, digest: noDigest, tags: fixed("v1.0.0", "v1.0.1") }),
        new RegExp(`tags/test-${serial}@sha256:0{12,}.*404`),
      );
      assert.deepEqual(await published(), {});
    });

    it("that were put before a failure are adopted by the next attempt", async () => {
      const digest = await newImage();
      const inputs = { repository, digest, tags: fixed("v1.0.0", "v1.0.1", "v1.0.2") };
      bench.proxy.inject({
        method: "PUT",
        path: /\/manifests\/v1\.0\.1$/,
        fault: { kind: "respond", status: 403, headers: {} },
      });
      await assert.rejects(provider.create(tags, inputs), /v1\.0\.1.*403/);
      assert.deepEqual(await published(), { "v1.0.0": digest });
      bench.proxy.reset();
      bench.forget();
      await provider.create(tags, inputs);
      assert.deepEqual(put(), ["v1.0.1", "v1.0.2"]);
    });

    it("are unknown while the digest is, under names that are known", async () => {
      const { state } = await provider.create(
        tags,
        { repository, digest: unknown, tags: fixed("v1.0.0") },
        true,
      );
      assert.equal(state.digest, unknown);
      assert.deepEqual(state.pointers, { "v1.0.0": unknown });
      assert.deepEqual(state.references, [`${repository}:v1.0.0`]);
    });

    it("are unknown where a name is", async () => {
      const digest = await newImage();
      const { state } = await provider.create(tags, { repository, digest, tags: moving(unknown) }, true);
      assert.equal(state.pointers, unknown);
      assert.equal(state.references, unknown);
    });

    describe("with evidence", () => {
      /** What a check of a digest gives. */
      const evidenceOf = async (digest: string, program = "true"): Promise<unknown[]> => {
        const inputs = { subject: digest, command: { command: [program] } };
        return (await provider.create("slipway:gate:Check", inputs, false, program)).state
          .evidence as unknown[];
      };

      for (const [what, partly] of [
        ["that is not known yet", () => unknown],
        ["of which one item is not known yet", (items: unknown[]) => [...items, unknown]],
      ] as const) {
        it(`${what} are previewed with their digests`, async () => {
          const digest = await newImage();
          const evidence = partly(await evidenceOf(digest));
          for (const [type, more, property, wanted] of [
            [tags, { tags: fixed("v1.0.0") }, "pointers", { "v1.0.0": digest }],
            ["slipway:oci:Tag", { tag: "v1.0.0", moves: "never" }, "digest", digest],
          ] as const) {
            const { inputs, state } = await provider.create(
              type,
              { repository, digest, evidence, ...more },
              true,
            );
            assert.deepEqual(inputs[property], wanted);
            assert.deepEqual(state[property], wanted);
          }
        });
      }

      it("that is not known yet are refused at preview where a version exists", async () => {
        const digest = await newImage();
        await tagByHand(await newImage(), "v1.0.0");
        await assert.rejects(
          provider.create(tags, { repository, digest, evidence: unknown, tags: fixed("v1.0.0") }, true),
          /A version tag never moves/,
        );
      });

      it("that is another are the same", async () => {
        const digest = await newImage();
        const inputs = { repository, digest, evidence: await evidenceOf(digest), tags: fixed("v1.0.0") };
        const held = await provider.create(tags, inputs);
        for (const evidence of [await evidenceOf(digest, "pwd"), [], unknown]) {
          assert.deepEqual((await provider.diff(held, { ...inputs, evidence })).changes, []);
        }
      });

      it("that has another shape are refused", async () => {
        const inputs = { repository, digest: noDigest, tags: fixed("v1.0.0") };
        await assert.rejects(
          provider.check(tags, { ...inputs, evidence: [{ kind: "rumour", subject: noDigest }] }),
          /evidence\[0\]\.kind: "rumour" is not valid/,
        );
      });
    });

    describe("of which some follow the highest version", () => {
      const alias = (tag: string, version: string, within = ""): Properties => ({
        tag,
        moves: "highest",
        version,
        within,
      });

      it("stay with it at a patch of an old line, name what holds them, and list the repository once", async () => {
        const newest = await newImage();
        const digest = await newImage();
        await tagByHand(newest, "v1.2.0", "v1", "latest");
        const aliases = [
          alias("v1.1", "v1.1.9", "1.1"),
          alias("v1", "v1.1.9", "1"),
          alias("latest", "v1.1.9"),
        ];
        bench.forget();
        const held = await provider.create(tags, { repository, digest, tags: aliases });
        assert.deepEqual(held.inputs.heldBy, { v1: "v1.2.0", latest: "v1.2.0" });
        assert.deepEqual(held.state.pointers, { "v1.1": digest, v1: newest, latest: newest });
        assert.deepEqual(put(), ["v1.1"]);
        assert.equal(bench.proxy.count("GET", /\/tags\/list/), 1);
        assert.equal(bench.proxy.count("HEAD", /\/manifests\/v1\.2\.0$/), 1);
        await tagByHand(digest, "latest");
        const drifted = await observed(held);
        assert.deepEqual(await changesOf(drifted, { repository, digest, tags: aliases }), {
          'pointers["latest"]': "update",
        });
        await provider.update(drifted, { repository, digest, tags: aliases });
        assert.equal((await published()).latest, newest);
      });

      it("move to a higher version, and nothing holds them then", async () => {
        const old = await newImage();
        await tagByHand(old, "v1.0.0");
        const held = await provider.create(tags, {
          repository,
          digest: old,
          tags: [alias("latest", "v1.0.0")],
        });
        const digest = await newImage();
        const inputs = { repository, digest, tags: [alias("latest", "v1.1.0")] };
        assert.deepEqual(await changesOf(held, inputs), { 'pointers["latest"]': "update" });
        const updated = await provider.update(held, inputs);
        assert.equal(updated.inputs.heldBy, undefined);
        assert.deepEqual(updated.state.pointers, { latest: digest });
      });
    });

    it("leave aliases at the highest stable version for a pre-release, and look after them", async () => {
      const alias = (tag: string, version: string, within = "") => ({
        tag,
        moves: "highest",
        version,
        within,
      });
      const [stable, candidate, other] = [await newImage(), await newImage(), await newImage()];
      const first = await provider.create(tags, {
        repository,
        digest: candidate,
        tags: [alias("latest", "v1.0.0-rc.1"), alias("v1.0", "v1.0.0-rc.1", "1.0")],
      });
      // There is no stable version: nothing is made, and that is as it should be.
      assert.deepEqual(first.state.pointers, {});
      assert.deepEqual(await bench.tags(repository), []);
      assert.deepEqual((await observed(first)).state.pointers, {});

      await tagByHand(stable, "v1.1.0", "latest", "v1.1");
      const inputs = {
        repository,
        digest: candidate,
        tags: [alias("latest", "v1.2.0-rc.1"), alias("v1.2", "v1.2.0-rc.1", "1.2")],
      };
      const lines = await said(async () => {
        const held = await provider.create(tags, inputs);
        assert.deepEqual(held.state.pointers, { latest: stable });
        const unbuilt = await provider.diff(held, { ...inputs, digest: unknown });
        assert.deepEqual(unbuilt.details, {});
        await tagByHand(other, "latest");
        const moved = await observed(held);
        assert.deepEqual((await provider.diff(moved, inputs)).details, { 'pointers["latest"]': "update" });
        await provider.update(moved, inputs);
      });
      assert.ok(
        lines.includes(`${repository}:latest stays at v1.1.0: v1.2.0-rc.1 is a pre-release`),
        lines.join("\n"),
      );
      assert.deepEqual(await published(), { latest: stable, "v1.1": stable, "v1.1.0": stable });
    });

    for (const [what, list, property, reason] of [
      ["no tag", [], "tags", /at least one tag is expected/],
      ["a tag twice", moving("a", "b", "a"), "tags[2].tag", /"a" is listed twice/],
      ["a name that is not a tag", moving("v1+build"), "tags[0].tag", /"v1\+build" is not valid.*"v1\.2\.3"/],
      ["a rule that is none", [{ tag: "a", moves: "up" }], "tags[0].moves", /"up" is not valid.*"never"/],
      ["an unknown field", [{ tag: "a", moves: "never", move: 1 }], "tags[0].move", /unknown field.*"moves"/],
      [
        "an alias without a version",
        [...moving("a"), { tag: "latest", moves: "highest" }],
        "tags[1].version",
        /is not a semantic version.*"v1\.2\.3"/,
      ],
      [
        "an alias of another line",
        [{ tag: "v1.2", moves: "highest", version: "v2.0.0", within: "1.2" }],
        "tags[0].within",
        /"1\.2" does not include.*"2\.0"/,
      ],
    ] as [string, Properties[], string, RegExp][]) {
      it(`are refused with ${what}, and nothing is asked`, async () => {
        bench.forget();
        await assert.rejects(
          provider.check(tags, { repository, digest: noDigest, tags: list }),
          (error: CheckFailed) => {
            assert.deepEqual(
              error.failures?.map((failure) => failure.property),
              [property],
              error.message,
            );
            assert.match(error.message, reason);
            return true;
          },
        );
        assert.deepEqual(bench.proxy.requests, []);
      });
    }

    it("are refused by their rules while the digest is unknown", async () => {
      await assert.rejects(
        provider.check(tags, { repository, digest: unknown, tags: moving("a", "a") }),
        /tags\[1\]\.tag: "a" is listed twice/,
      );
    });

    it("are imported by repository and names", async () => {
      const digest = await newImage();
      await tagByHand(digest, "v1.2.3", "latest");
      const held = await provider.import(tags, `${repository}:v1.2.3,latest`);
      assert.ok(held, "they were not found");
      assert.equal(held.id, repository);
      const inputs = { repository, digest, tags: [...fixed("v1.2.3"), ...moving("latest")] };
      const created = await provider.create(tags, inputs);
      assert.deepEqual(held, { ...created, secrets: held.secrets });
      assert.deepEqual((await provider.diff(held, inputs)).changes, []);
    });

    for (const [what, names, reason] of [
      ["no tag", "", /names no tags \(a valid example: "ghcr\.io\/acme\/hello:v1\.2\.3,latest"\)/],
      ["an empty name", ":v1.2.3,", /tag ""/],
      ["a name twice", ":v1.2.3,v1.2.3", /"v1\.2\.3" is listed twice/],
      [
        "tags of two digests",
        ":v1.2.3,main",
        /have one digest[^]*- v1\.2\.3 is sha256:\w+\n- main is sha256:\w+/,
      ],
      ["a tag that does not exist", ":v1.2.3,v9", /- v1\.2\.3 is sha256:\w+\n- v9 does not exist/],
    ] as const) {
      it(`are not imported with ${what}`, async () => {
        await tagByHand(await newImage(), "v1.2.3");
        await tagByHand(await newImage(), "main");
        await assert.rejects(provider.import(tags, `${repository}${names}`), reason);
      });
    }

    it("are not found where none exists", async () => {
      assert.equal(await provider.import(tags, `${repository}:v8,v9`), undefined);
    });

    /** Kinds of the differences, by path. */
    async function changesOf(held: Held, inputs: Properties): Promise<Record<string, string>> {
      return (await provider.diff(held, inputs)).details;
    }
  });
}
