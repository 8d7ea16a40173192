import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Descriptor } from "../../lib/oci/types";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { pushBase } from "./base-images";
import { indexOf, validate } from "./published-image";
import { registryKinds, textLayer, useWorkbench, type Workbench } from "./workbench";

const image = "slipway:oci:Image";
const index = "slipway:oci:Index";

for (const { name, start } of registryKinds) {
  describe(`indexes in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let repository: string;

    useWorkbench({ start, tools: ["registry", "crane"], folder: "indexes/test" }, (test) => {
      ({ bench, provider, repository } = test);
    });

    /** Descriptors of new images, in the order of the platforms. */
    async function images(...platforms: string[]): Promise<Properties[]> {
      const held = await Promise.all(
        platforms.map((platform) => provider.create(image, { repository, platform, layers: [textLayer()] })),
      );
      return held.map(({ state }) => state.descriptor as Properties);
    }

    function published(held: Held): string {
      return bench.direct(held.state.reference);
    }

    it("lists the manifests in the order given, with its annotations", async () => {
      const manifests = await images("linux/arm64", "linux/amd64", "linux/arm/v7");
      const annotations = { "org.opencontainers.image.version": "1.2.3", "a.first": "1" };
      bench.forget();
      const preview = await provider.create(index, { repository, manifests, annotations }, true);
      assert.deepEqual(bench.writeLines(), []);
      const held = await provider.create(index, { repository, manifests, annotations });
      assert.equal(preview.state.digest, held.state.digest);
      await validate(published(held));
      const stored = await indexOf(published(held));
      assert.equal(stored.mediaType, "application/vnd.oci.image.index.v1+json");
      assert.deepEqual(stored.annotations, annotations);
      assert.deepEqual(stored.manifests, manifests);
      assert.deepEqual(
        stored.manifests.map(({ platform }) => `${platform?.architecture}${platform?.variant ?? ""}`),
        ["arm64", "amd64", "armv7"],
      );
      assert.equal(held.state.size, Buffer.byteLength(await crane(["manifest", published(held)])));
      assert.deepEqual(await bench.tags(repository), []);
    });

    it("has standard annotations below its own, and not where it was published without", async () => {
      const version = "org.opencontainers.image.version";
      const plain = { repository, manifests: await images("linux/amd64") };
      const held = await provider.create(index, plain);
      const told = { ...plain, standardAnnotations: { [version]: "v1.2.3", "a.first": "1" } };
      assert.deepEqual((await provider.diff(held, told)).changes, []);
      const fresh = await provider.create(index, { ...told, annotations: { [version]: "own" } });
      assert.deepEqual((await indexOf(published(fresh))).annotations, { [version]: "own", "a.first": "1" });
    });

    it("adopts what is there", async () => {
      const inputs = { repository, manifests: await images("linux/amd64") };
      const first = await provider.create(index, inputs);
      bench.forget();
      assert.deepEqual(await (await bench.provider()).create(index, inputs), first);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("refuses a platform that is listed twice, naming both places", async () => {
      const [amd64, arm64] = await images("linux/amd64", "linux/arm64");
      const other = { ...amd64, digest: digestOf("another") };
      await assert.rejects(
        provider.check(index, { repository, manifests: [amd64, arm64, other] }),
        (error: CheckFailed) => {
          assert.deepEqual(error.failures, [
            {
              property: "manifests[2].platform",
              reason: "linux/amd64 is also the platform of manifests[0]",
            },
          ]);
          return true;
        },
      );
    });

    it("refuses an empty list and a descriptor without a digest", async () => {
      const [descriptor] = await images("linux/amd64");
      const { digest: _digest, ...rest } = descriptor ?? {};
      await assert.rejects(provider.check(index, { repository, manifests: [] }), /at least one manifest/);
      await assert.rejects(
        provider.check(index, { repository, manifests: [rest] }),
        /manifests\[0\]\.digest: is missing.*a valid example: "sha256:/,
      );
    });

    it("sees that it was deleted, and publishes it again", async () => {
      const inputs = { repository, manifests: await images("linux/amd64", "linux/arm64") };
      const held = await provider.create(index, inputs);
      assert.deepEqual(await provider.read(held), held);
      await crane(["delete", published(held)]);
      assert.equal(await provider.read(held), undefined);
      const told = provider.shown.filter(({ text }) => text.startsWith("somebody deleted"));
      assert.deepEqual(
        told.map(({ text }) => text),
        [`somebody deleted ${String(held.state.reference)}; \`pulumi up\` puts it back`],
      );
      await validate(published(await provider.create(index, inputs)));
    });

    it("says what changed, and updates to it", async () => {
      const [amd64, arm64] = await images("linux/amd64", "linux/arm64");
      const held = await provider.create(index, { repository, manifests: [amd64] });
      const wanted = { repository, manifests: [amd64, arm64], annotations: { a: "b" } };
      const { changes } = await provider.diff(held, wanted);
      assert.deepEqual(changes.sort(), ["annotations", "digest", "manifests"]);
      const reordered = { repository, manifests: [arm64, amd64] };
      assert.deepEqual((await provider.diff(held, reordered)).changes.sort(), ["digest", "manifests"]);
      const updated = await provider.update(held, wanted);
      assert.equal((await indexOf(published(updated))).manifests.length, 2);
      await validate(published(held));
    });

    it("is unknown as long as one of its manifests is", async () => {
      const [amd64] = await images("linux/amd64");
      bench.forget();
      const held = await provider.create(index, { repository, manifests: [amd64, unknown] }, true);
      assert.equal(held.state.digest, unknown);
      assert.equal(held.state.reference, unknown);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("leaves the index in the registry when it is deleted from the program", async () => {
      const held = await provider.create(index, { repository, manifests: await images("linux/amd64") });
      bench.forget();
      await provider.delete(held);
      assert.deepEqual(bench.writeLines(), []);
      await validate(published(held));
    });

    it("imports one of its own: nothing is different", async () => {
      const made = await provider.create(index, {
        repository,
        manifests: await images("linux/amd64", "linux/arm64"),
        annotations: { a: "b" },
      });
      const earlier = provider.shown.length;
      const held = await provider.import(index, String(made.state.reference));
      assert.ok(held, "it was not found");
      assert.deepEqual(held.state, made.state);
      assert.deepEqual((await provider.diff(held, held.inputs)).changes, []);
      const shown = provider.shown.slice(earlier).filter(({ severity }) => severity === "warning");
      assert.deepEqual(shown, []);
    });

    /** Pushes an index as others write it: indented, and with what Slipway does not declare. */
    async function pushForeign(
      tag: string,
      children: Descriptor[],
    ): Promise<{ digest: string; bytes: string }> {
      const bytes = JSON.stringify(
        { manifests: children, mediaType: "application/vnd.oci.image.index.v1+json", schemaVersion: 2 },
        null,
        3,
      );
      const file = path.join(bench.project, "foreign.json");
      await writeFile(file, bytes);
      const [host = "", ...rest] = bench.direct(repository).split("/");
      const response = await fetch(`http://${host}/v2/${rest.join("/")}/manifests/${tag}`, {
        method: "PUT",
        headers: { "content-type": "application/vnd.oci.image.index.v1+json" },
        body: bytes,
      });
      assert.equal(response.status, 201);
      return { digest: digestOf(bytes), bytes };
    }

    it("warns at the import of another encoding, and shows that the digest will change", async () => {
      await pushBase(bench.direct(`${repository}:base`), { platforms: ["linux/amd64", "linux/arm64"] });
      const { manifests } = await indexOf(bench.direct(`${repository}:base`));
      const foreign = manifests.map((child) => ({ ...child, urls: ["https://example.org/child"] }));
      const { digest } = await pushForeign("foreign", foreign);
      const earlier = provider.shown.length;
      const held = await provider.import(index, `${repository}:foreign`);
      assert.ok(held, "it was not found");
      assert.equal(held.state.digest, digest);
      const warnings = provider.shown.slice(earlier).filter(({ severity }) => severity === "warning");
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]?.text ?? "", new RegExp(`another form.*as ${String(held.inputs.digest)}`));
      const { changes, inputs } = await provider.diff(held, held.inputs);
      assert.deepEqual(changes, ["digest"]);
      const updated = await provider.update(held, held.inputs);
      assert.equal(updated.state.digest, inputs.digest);
      await validate(published(updated));
      assert.equal(await bench.digestOf(`${repository}@${digest}`), digest);
    });

    it("shows what others hid in annotations that are imported", async () => {
      await pushBase(bench.direct(`${repository}:base`), { platforms: ["linux/amd64", "linux/arm64"] });
      const { manifests } = await indexOf(bench.direct(`${repository}:base`));
      const hidden = { "org.example.note": "a\n\u001b[2J\u202eb" };
      await pushForeign(
        "hidden",
        manifests.map((child) => ({ ...child, annotations: hidden })),
      );
      const held = await provider.import(index, `${repository}:hidden`);
      const [first] = held?.inputs.manifests as Descriptor[];
      assert.equal(first?.annotations?.["org.example.note"], "a\n<U+001B>[2J<U+202E>b");
    });

    it("imports nothing where there is nothing, and no image", async () => {
      await pushBase(bench.direct(`${repository}:image`));
      assert.equal(await provider.import(index, `${repository}:missing`), undefined);
      await assert.rejects(
        provider.import(index, `${repository}:image`),
        /not an index: import it as slipway:oci:Image/,
      );
    });
  });
}
