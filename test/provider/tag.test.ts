import assert from "node:assert/strict";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { CheckFailed, type ProviderProcess } from "../support/provider-process";
import { filesOf } from "./published-image";
import { pushImage, registryKinds, useWorkbench, type Workbench } from "./workbench";

const tag = "slipway:oci:Tag";

for (const { name, start } of registryKinds) {
  describe(`tags in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    let repository: string;

    useWorkbench({ start, tools: ["registry", "crane"], folder: "tags/test" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    /** Digest of a new image in the repository. */
    const newImage = (content?: string) => pushImage(provider, repository, content);

    /** A tag set by somebody else. */
    async function tagByHand(digest: string, name: string): Promise<void> {
      await crane(["tag", `${bench.direct(repository)}@${digest}`, name]);
    }

    function pointsTo(name: string): Promise<string | undefined> {
      return bench.digestOf(`${repository}:${name}`);
    }

    it("points to the digest, under the same bytes", async () => {
      const digest = await newImage("tagged");
      const inputs = { repository, tag: "v1.0.0", digest, moves: "never" };
      bench.forget();
      const preview = await provider.create(tag, inputs, true);
      assert.deepEqual(bench.writeLines(), []);
      assert.equal(await pointsTo("v1.0.0"), undefined);
      const held = await provider.create(tag, inputs);
      assert.equal(preview.state.digest, digest);
      assert.equal(held.id, `${repository}:v1.0.0`);
      assert.equal(held.state.reference, `${repository}:v1.0.0`);
      assert.equal(held.state.mediaType, "application/vnd.oci.image.manifest.v1+json");
      assert.equal(await pointsTo("v1.0.0"), digest);
      assert.deepEqual(await filesOf(bench.direct(held.state.reference)), { "content.txt": "tagged" });
      assert.deepEqual(
        bench.writes().map(({ method, path: target }) => [method, target.split("/").at(-1)]),
        [["PUT", "v1.0.0"]],
      );
    });

    it("adopts a tag that points there already", async () => {
      const digest = await newImage();
      await tagByHand(digest, "v1.0.0");
      bench.forget();
      for (const moves of ["never", "always"]) {
        const held = await provider.create(tag, { repository, tag: "v1.0.0", digest, moves });
        assert.equal(held.state.digest, digest);
      }
      assert.deepEqual(bench.writeLines(), []);
    });

    it("says which digest is not in the repository that it is asked to point to", async () => {
      await newImage();
      const digest = `sha256:${"0".repeat(64)}`;
      await assert.rejects(
        provider.create(tag, { repository, tag: "v1.0.0", digest, moves: "never" }),
        new RegExp(`tags/test-${serial}@sha256:0{12,}.*404`),
      );
      assert.equal(await pointsTo("v1.0.0"), undefined);
    });

    it("refuses to move a version, at preview and at create, with both digests", async () => {
      const published = await newImage();
      const digest = await newImage();
      await tagByHand(published, "v1.0.0");
      bench.forget();
      for (const preview of [true, false]) {
        await assert.rejects(
          provider.create(tag, { repository, tag: "v1.0.0", digest, moves: "never" }, preview),
          new RegExp(
            `:v1\\.0\\.0 is published as ${published}, and this program makes ${digest}\\. A version tag never moves\\..*new version`,
          ),
        );
      }
      assert.deepEqual(bench.writeLines(), []);
      assert.equal(await pointsTo("v1.0.0"), published);
    });

    it("refuses at check to give a published version another digest", async () => {
      const published = await newImage();
      const digest = await newImage();
      const inputs = { repository, tag: "v1.0.0", digest: published, moves: "never" };
      const held = await provider.create(tag, inputs);
      await assert.rejects(provider.diff(held, { ...inputs, digest }), (error: CheckFailed) => {
        assert.equal(error.failures[0]?.property, "digest");
        assert.ok(error.message.includes(published) && error.message.includes(digest), error.message);
        return true;
      });
      assert.deepEqual((await provider.diff(held, { ...inputs, tag: "v1.0.1", digest })).replaces, ["tag"]);
    });

    it("moves what follows the program, and says from where to where", async () => {
      const old = await newImage();
      const digest = await newImage();
      await tagByHand(old, "main");
      for (const [preview, words] of [
        [true, "will move"],
        [false, "moves"],
      ] as const) {
        const before = provider.shown.length;
        await provider.create(tag, { repository, tag: "main", digest, moves: "always" }, preview);
        assert.deepEqual(
          provider.shown
            .slice(before)
            .filter(({ ephemeral }) => !ephemeral)
            .map(({ text }) => text),
          [`${repository}:main ${words} from ${old} to ${digest}`],
        );
        assert.equal(await pointsTo("main"), preview ? old : digest);
      }
    });

    it("sees a tag that somebody moved, and puts it back", async () => {
      const digest = await newImage();
      const other = await newImage();
      for (const moves of ["never", "always"]) {
        const inputs = { repository, tag: `moved-${moves}`, digest, moves };
        const held = await provider.create(tag, inputs);
        await tagByHand(other, inputs.tag);
        const observed = await provider.read(held);
        assert.equal(observed?.state.digest, other);
        assert.deepEqual(observed.inputs, held.inputs);
        assert.deepEqual((await provider.diff(observed, inputs)).changes, ["digest"]);
        bench.forget();
        await provider.update(observed, inputs, true);
        assert.deepEqual(bench.writeLines(), []);
        const repaired = await provider.update(observed, inputs);
        assert.equal(repaired.state.digest, digest);
        assert.equal(await pointsTo(inputs.tag), digest);
        assert.deepEqual((await provider.diff(repaired, inputs)).changes, []);
      }
    });

    it("sees a tag that somebody deleted", async () => {
      const digest = await newImage();
      const held = await provider.create(tag, { repository, tag: "gone", digest, moves: "never" });
      assert.deepEqual(await provider.read(held), held);
      await crane(["delete", bench.direct(held.state.reference)]);
      assert.equal(await provider.read(held), undefined);
    });

    it("leaves the tag in the registry when it is deleted from the program", async () => {
      const digest = await newImage();
      const held = await provider.create(tag, { repository, tag: "v1.0.0", digest, moves: "never" });
      bench.forget();
      await provider.delete(held);
      assert.deepEqual(bench.writeLines(), []);
      assert.equal(await pointsTo("v1.0.0"), digest);
      assert.ok(provider.messages.some((text) => text.startsWith(`${repository}:v1.0.0 stays`)));
    });

    it("imports: a version as one that never moves, another name as one that does", async () => {
      const digest = await newImage();
      for (const [name, moves] of [
        ["v1.2.3", "never"],
        ["main", "always"],
      ] as const) {
        await tagByHand(digest, name);
        const held = await provider.import(tag, `${repository}:${name}`);
        assert.ok(held, "it was not found");
        assert.deepEqual(held.inputs, { repository, tag: name, digest, moves });
        assert.deepEqual((await provider.diff(held, held.inputs)).changes, []);
      }
      assert.equal(await provider.import(tag, `${repository}:missing`), undefined);
      await assert.rejects(provider.import(tag, repository), /has no tag \(a valid example: /);
    });

    it("is unknown while its digest is", async () => {
      const inputs = { repository, tag: "v1.0.0", digest: unknown, moves: "never" };
      const held = await provider.create(tag, inputs, true);
      assert.equal(held.state.digest, unknown);
      assert.equal(held.state.reference, `${repository}:v1.0.0`);
    });

    describe("that follow the highest version", () => {
      /** Publishes a version by hand. */
      async function release(...versions: string[]): Promise<Record<string, string>> {
        const digests: Record<string, string> = {};
        for (const version of versions) {
          digests[version] = await newImage(version);
          await tagByHand(digests[version], version);
        }
        return digests;
      }

      function alias(version: string, digest: string, more: Properties = {}): Properties {
        return { repository, tag: "latest", digest, moves: "highest", version, ...more };
      }

      it("take the first release", async () => {
        const digest = await newImage();
        const held = await provider.create(tag, alias("v1.0.0", digest));
        assert.equal(held.inputs.heldBy, undefined);
        assert.equal(await pointsTo("latest"), digest);
      });

      it("move to a higher version", async () => {
        const { "v1.0.0": old = "" } = await release("v1.0.0");
        const held = await provider.create(tag, alias("v1.0.0", old));
        const { "v1.1.0": higher = "" } = await release("v1.1.0");
        const { changes } = await provider.diff(held, alias("v1.1.0", higher));
        assert.deepEqual(changes, ["digest"]);
        const updated = await provider.update(held, alias("v1.1.0", higher));
        assert.equal(updated.inputs.heldBy, undefined);
        assert.equal(await pointsTo("latest"), higher);
      });

      it("stay with it at a patch of an old line, and say what holds them", async () => {
        const digests = await release("v1.0.0", "v2.0.0", "v1.0.1");
        await tagByHand(digests["v2.0.0"] ?? "", "latest");
        const held = await provider.create(tag, alias("v1.0.1", digests["v1.0.1"] ?? ""));
        assert.equal(held.inputs.heldBy, "v2.0.0");
        assert.equal(held.state.digest, digests["v2.0.0"]);
        assert.equal(await pointsTo("latest"), digests["v2.0.0"]);
        const minor = alias("v1.0.1", digests["v1.0.1"] ?? "", { tag: "v1.0", within: "1.0" });
        assert.equal((await provider.create(tag, minor)).inputs.heldBy, undefined);
        assert.equal(await pointsTo("v1.0"), digests["v1.0.1"]);
      });

      it("are put back to the highest where somebody moved them", async () => {
        const digests = await release("v1.0.0", "v2.0.0");
        const inputs = alias("v1.0.0", digests["v1.0.0"] ?? "");
        const held = await provider.create(tag, inputs);
        assert.equal(await pointsTo("latest"), digests["v2.0.0"]);
        await tagByHand(digests["v1.0.0"] ?? "", "latest");
        const observed = await provider.read(held);
        assert.ok(observed);
        assert.deepEqual((await provider.diff(observed, inputs)).changes, ["digest"]);
        await provider.update(observed, inputs);
        assert.equal(await pointsTo("latest"), digests["v2.0.0"]);
      });

      it("do not mind pre-releases and other names in the registry", async () => {
        const { "v1.0.0": digest = "" } = await release(
          ...["v9.0.0-rc.1", "v8.0.0-beta", "nightly", "sha-1234567", "v7", "v1.0.0"],
        );
        const held = await provider.create(tag, alias("v1.0.0", digest));
        assert.equal(held.inputs.heldBy, undefined);
        assert.equal(await pointsTo("latest"), digest);
      });

      it("compare numbers, not texts", async () => {
        const digests = await release("v1.9.0", "v1.10.0");
        const held = await provider.create(tag, alias("v1.9.0", digests["v1.9.0"] ?? ""));
        assert.equal(held.inputs.heldBy, "v1.10.0");
        assert.equal(await pointsTo("latest"), digests["v1.10.0"]);
      });

      it("move to a rebuild of the highest version, and not back", async () => {
        const digests = await release("v1.0.0", "v1.0.0-20260131");
        const rebuilt = alias("v1.0.0-20260131", digests["v1.0.0-20260131"] ?? "");
        const held = await provider.create(tag, rebuilt);
        assert.equal(held.inputs.heldBy, undefined);
        assert.equal(await pointsTo("latest"), digests["v1.0.0-20260131"]);
        const original = await provider.create(tag, alias("v1.0.0", digests["v1.0.0"] ?? ""));
        assert.equal(original.inputs.heldBy, "v1.0.0-20260131");
        assert.equal(await pointsTo("latest"), digests["v1.0.0-20260131"]);
      });

      it("do not go to a nightly build of what was never released, whatever is released next", async () => {
        const digests = await release("v1.2.3", "v1.3.0-20260131", "v1.2.4");
        for (const version of ["v1.2.3", "v1.2.4"]) {
          for (const [name, within] of [
            ["latest", ""],
            ["v1", "1"],
            ["v1.2", "1.2"],
          ] as const) {
            await provider.create(tag, alias(version, digests[version] ?? "", { tag: name, within }));
          }
        }
        for (const name of ["latest", "v1", "v1.2"])
          assert.equal(await pointsTo(name), digests["v1.2.4"], name);
      });

      it("do not go to a nightly build of the version that has them", async () => {
        const digests = await release("v1.3.0-20260130", "v1.3.0", "v1.3.0-20260131", "v1.2.4");
        await provider.create(tag, alias("v1.3.0", digests["v1.3.0"] ?? ""));
        const held = await provider.create(tag, alias("v1.2.4", digests["v1.2.4"] ?? ""));
        assert.equal(held.inputs.heldBy, "v1.3.0");
        assert.equal(await pointsTo("latest"), digests["v1.3.0"]);
      });

      it("stay with a rebuild at a patch of an old line", async () => {
        const digests = await release("v1.2.3", "v1.2.3-20260131", "v1.1.9");
        await provider.create(tag, alias("v1.2.3-20260131", digests["v1.2.3-20260131"] ?? ""));
        const held = await provider.create(tag, alias("v1.1.9", digests["v1.1.9"] ?? ""));
        assert.equal(held.inputs.heldBy, "v1.2.3-20260131");
        assert.equal(await pointsTo("latest"), digests["v1.2.3-20260131"]);
      });

      it("follow revisions where numbers are declared to be some", async () => {
        const digests = await release("v1.2.3", "v1.2.3-2", "v1.2.3-10");
        const revisions = { revisions: true };
        await provider.create(tag, alias("v1.2.3-10", digests["v1.2.3-10"] ?? "", revisions));
        const held = await provider.create(tag, alias("v1.2.3-2", digests["v1.2.3-2"] ?? "", revisions));
        assert.equal(held.inputs.heldBy, "v1.2.3-10");
        assert.equal(await pointsTo("latest"), digests["v1.2.3-10"]);
      });

      it("follow dates where versions are declared to be some", async () => {
        const digests = await release("2022.04.1", "2022.10.2", "2022.9.30", "6.14.0");
        const calendar = { calendar: true };
        const held = await provider.create(tag, alias("2022.04.1", digests["2022.04.1"] ?? "", calendar));
        assert.equal(held.inputs.heldBy, "2022.10.2");
        await provider.create(tag, alias("2022.10.2", digests["2022.10.2"] ?? "", calendar));
        assert.equal(await pointsTo("latest"), digests["2022.10.2"]);
      });

      it("follow the versions of a component alone, and its rebuilds", async () => {
        const digests = await release(
          "cli-v1.2.3",
          "cli-v1.10.0",
          "cli-v1.10.0-20260131",
          "tools-v2.0.0",
          "v3.0.0",
          "cli-x-v4.0.0",
        );
        const cli = (version: string, moved = "cli-latest") => ({
          ...alias(version, digests[`cli-${version}`] ?? "", { component: "cli-" }),
          tag: moved,
        });
        const held = await provider.create(tag, cli("v1.2.3"));
        assert.equal(held.inputs.heldBy, "cli-v1.10.0");
        assert.equal(await pointsTo("cli-latest"), digests["cli-v1.10.0"]);
        await provider.create(tag, cli("v1.10.0-20260131", "cli-v1"));
        const old = await provider.create(tag, cli("v1.2.3", "cli-v1"));
        assert.equal(old.inputs.heldBy, "cli-v1.10.0-20260131");
        const other = await provider.create(tag, alias("v2.0.0", digests["tools-v2.0.0"] ?? ""));
        assert.equal(other.inputs.heldBy, "v3.0.0");
      });

      it("are not compared with what is left out by a pattern, and a holder is named", async () => {
        const digests = await release("v1.2.3", "v9.0.0");
        const inputs = alias("v1.2.3", digests["v1.2.3"] ?? "");
        const held = await provider.create(tag, inputs);
        assert.equal(held.inputs.heldBy, "v9.0.0");
        assert.match(
          provider.messages.join("\n"),
          /:latest is that of v9\.0\.0, which is higher than v1\.2\.3/,
        );
        await provider.update(held, { ...inputs, except: ["v9.*"] });
        assert.equal(await pointsTo("latest"), digests["v1.2.3"]);
      });

      /**
       * Answers of the registry to requests for its list of tags: the first `tags`, others its own.
       */
      function listFirst(tags: readonly string[]): void {
        bench.proxy.inject({
          method: "GET",
          path: /\/tags\/list/,
          nth: 1,
          fault: {
            kind: "respond",
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ name: "tags", tags }),
          },
        });
      }

      it("stay with the highest version that is there, where one that is gone is listed", async () => {
        const digests = await release("v1.9.0", "v1.8.1");
        await tagByHand(digests["v1.9.0"] ?? "", "latest");
        listFirst(["v1.8.1", "v1.9.0", "v2.0.0"]);
        const held = await provider.create(tag, alias("v1.8.1", digests["v1.8.1"] ?? ""));
        bench.proxy.reset();
        assert.equal(held.inputs.heldBy, "v1.9.0");
        assert.equal(await pointsTo("latest"), digests["v1.9.0"]);
      });

      it("are not taken from a higher version that a list left out", async () => {
        const digests = await release("v1.9.0", "v1.8.1");
        await tagByHand(digests["v1.9.0"] ?? "", "latest");
        listFirst(["v1.8.1", "latest"]);
        await assert.rejects(
          provider.create(tag, alias("v1.8.1", digests["v1.8.1"] ?? "")),
          /:latest is that of v1\.9\.0 \(sha256:[0-9a-f]{64}\), which the registry did not list at first.*Run again/,
        );
        bench.proxy.reset();
        assert.equal(await pointsTo("latest"), digests["v1.9.0"]);
      });

      for (const [what, inputs, property, reason] of [
        ["no version", { version: undefined }, "version", /needs \(a valid example: "v1\.2\.3"\)/],
        ["a version that is none", { version: "newest" }, "version", /"newest" is not a semantic version/],
        [
          "a pre-release",
          { version: "v1.0.0-rc.1" },
          "version",
          /"v1\.0\.0-rc\.1" is a pre-release.*"v1\.2\.3"/,
        ],
        [
          "a version of another line",
          { version: "v2.0.0", within: "1.2" },
          "within",
          /"1\.2" does not include.*"2\.0"/,
        ],
        ["a line that is none", { within: "1.x" }, "within", /"1\.x" is not valid.*"1\.2"/],
        ["a digest that is none", { digest: "sha256:12" }, "digest", /"sha256:12" is not valid/],
        ["a name that is not a tag", { tag: "v1+build" }, "tag", /"v1\+build" is not valid.*"v1\.2\.3"/],
        ["a rule that is none", { moves: "sometimes" }, "moves", /"sometimes".*"never"/],
      ] as [string, Properties, string, RegExp][]) {
        it(`are refused with ${what}`, async () => {
          const declared = { ...alias("v1.0.0", `sha256:${"0".repeat(64)}`), ...inputs };
          await assert.rejects(provider.check(tag, declared), (error: CheckFailed) => {
            assert.deepEqual(
              error.failures?.map((failure) => failure.property),
              [property],
              error.message,
            );
            assert.match(error.message, reason);
            return true;
          });
        });
      }
    });
  });
}
