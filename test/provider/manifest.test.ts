import assert from "node:assert/strict";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import type { ProviderProcess } from "../support/provider-process";
import { registryKinds, textLayer, useWorkbench, type Workbench } from "./workbench";

const type = "slipway:oci:Manifest";

for (const { name, start } of registryKinds) {
  describe(`manifests that somebody else pushes, in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let repository: string;
    let image: { digest: string; totalSize: number; descriptor: unknown };

    useWorkbench({ start, tools: ["registry", "crane"], folder: "manifests/test" }, (test) => {
      ({ bench, provider, repository } = test);
    });
    beforeEach(async () => {
      const { state } = await provider.create("slipway:oci:Image", {
        repository,
        platform: "linux/amd64",
        layers: [textLayer(), textLayer()],
      });
      image = state as unknown as typeof image;
    });

    const inputs = (more: object = {}) => ({
      repository,
      digest: image.digest,
      platform: "linux/amd64",
      builtBy: "urn:pulumi:dev::test::docker-build:index:Image::app",
      ...more,
    });

    it("has the descriptor, the size and the number of layers, and writes nothing", async () => {
      bench.forget();
      const { state } = await provider.create(type, inputs());
      assert.deepEqual(state.descriptor, image.descriptor);
      assert.equal(state.totalSize, image.totalSize);
      assert.equal(state.layers, 2);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("is waited for where a build of this run has pushed it, and the registry shows it later", async () => {
      const late = () => {
        bench.proxy.reset();
        const fault = { kind: "respond", status: 404 } as const;
        bench.proxy.inject({ method: "GET", path: /\/manifests\/sha256:/, nth: [1, 2], fault });
      };
      const build = { builder: "none", context: "/nowhere/context" };
      late();
      const { state } = await provider.create(type, inputs({ build }));
      assert.equal(state.totalSize, image.totalSize);
      late();
      const other = await bench.provider();
      await assert.rejects(other.create(type, inputs()), /which was built and pushed/);
    });

    it("is unknown while the digest is", async () => {
      const { state } = await provider.create(type, inputs({ digest: unknown }), true);
      assert.equal(state.descriptor, unknown);
    });

    it("a manifest that is gone is named, with the command that builds it again", async () => {
      const held = await provider.create(type, inputs());
      await crane(["delete", bench.direct(`${repository}@${image.digest}`)]);
      assert.equal(await provider.read(held), undefined);
      await assert.rejects(
        provider.create(type, inputs()),
        /does not have sha256:[0-9a-f]{64} \(linux\/amd64\).*pulumi up --replace 'urn:pulumi:dev::test::docker-build:index:Image::app'/,
      );
    });

    it("refuses an image for another platform", async () => {
      await assert.rejects(
        provider.create(type, inputs({ platform: "linux/arm64" })),
        /is for linux\/amd64, not for linux\/arm64/,
      );
    });

    it("TINY-42, CORE-12: a budget of bytes and of layers fails where it is to", async () => {
      await provider.create(
        type,
        inputs({ budget: { maximumBytes: image.totalSize, layers: 2, exceeded: "fail" } }),
      );
      const budget = { maximumBytes: image.totalSize - 1, layers: 1, exceeded: "fail" };
      await assert.rejects(
        provider.create(type, inputs({ budget })),
        /over its budget: it has \d+ bytes, and \d+ are the most; and 2 layers, and 1 are the most/,
      );
      await provider.create(type, inputs({ budget: { ...budget, exceeded: "warn" } }));
    });
  });
}
