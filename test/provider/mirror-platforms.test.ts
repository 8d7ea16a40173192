import assert from "node:assert/strict";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import type { Index } from "../../lib/oci/types";
import { crane } from "../support/clients";
import type { ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { textLayer, useWorkbench, type Workbench } from "./workbench";

const mirror = "slipway:oci:Mirror";

describe("mirrors of some platforms", () => {
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;

  useWorkbench(
    { start: () => startDistribution(), tools: ["registry", "crane"], folder: "subsets/test" },
    (test) => ({ bench, provider, repository } = test),
  );

  async function newIndex(): Promise<Properties> {
    const images = [];
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      images.push(
        await provider.create("slipway:oci:Image", { repository, platform, layers: [textLayer()] }),
      );
    }
    return { repository, manifests: images.map(({ state }) => state.descriptor) };
  }

  const inputs = (digest: unknown, fields: Properties = {}): Properties => ({
    source: repository,
    target: `${repository}-copy`,
    digest,
    platforms: ["linux/amd64"],
    tags: [{ tag: "v1.0.0", moves: "never" }],
    ...fields,
  });

  /** An index in the registry, and one of its images alone. */
  async function published(): Promise<string> {
    return String((await provider.create("slipway:oci:Index", await newIndex())).state.digest);
  }

  it("say before anything is copied which digest their tags will have", async () => {
    const digest = await published();
    bench.forget();
    const preview = await provider.create(mirror, inputs(digest), true);
    assert.deepEqual(bench.writeLines(), []);
    const { rootDigest } = preview.inputs;
    assert.notEqual(rootDigest, digest);
    assert.deepEqual(preview.inputs.pointers, { "v1.0.0": rootDigest });
    assert.equal(preview.state.rootDigest, rootDigest);
    const held = await provider.create(mirror, inputs(digest));
    assert.deepEqual(held.state.missing, []);
    assert.equal(await bench.digestOf(`${repository}-copy:v1.0.0`), rootDigest);
    const copied = await crane(["manifest", bench.direct(`${repository}-copy:v1.0.0`)]);
    assert.equal((JSON.parse(copied) as Index).manifests.length, 1);
  });

  it("read it once", async () => {
    const digest = await published();
    const held = await provider.create(mirror, inputs(digest));
    bench.forget();
    assert.deepEqual((await provider.diff(held, inputs(digest))).changes, []);
    assert.deepEqual(bench.proxy.requests, []);
  });

  it("do not know it while the index is still to be made", async () => {
    const index = await newIndex();
    const { state } = await provider.create("slipway:oci:Index", index, true);
    const preview = await provider.create(mirror, inputs(state.digest), true);
    assert.equal(preview.state.rootDigest, unknown);
    const later = await provider.create(mirror, inputs(unknown), true);
    assert.equal(later.inputs.rootDigest, unknown);
    assert.deepEqual(later.inputs.pointers, { "v1.0.0": unknown });
  });

  it("set no tag to another index than was planned", async () => {
    const digest = await published();
    const checked = await provider.checkKeepingSecrets(mirror, inputs(digest));
    for (const [planned, reason] of [
      [undefined, /nothing was planned/],
      [`sha256:${"0".repeat(64)}`, /sha256:0{64} was planned/],
    ] as const) {
      const { rootDigest: _rootDigest, ...rest } = checked.values;
      const values = planned === undefined ? rest : { ...rest, rootDigest: planned };
      const { state } = await provider.createChecked(mirror, { ...checked, values });
      assert.match(String(state.missing), reason);
      assert.equal(await bench.digestOf(`${repository}-copy:v1.0.0`), undefined);
    }
  });

  it("are refused at preview where a version is published as the whole index", async () => {
    const digest = await published();
    await provider.create(mirror, inputs(digest, { platforms: undefined }));
    bench.forget();
    await assert.rejects(provider.create(mirror, inputs(digest), true), /A version tag never moves/);
    assert.deepEqual(bench.writeLines(), []);
  });
});
