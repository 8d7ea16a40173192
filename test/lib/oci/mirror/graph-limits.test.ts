import assert from "node:assert/strict";
import { digestOf } from "../../../../lib/oci/digest";
import { GraphLimitError } from "../../../../lib/oci/graph-limits";
import { MediaType } from "../../../../lib/oci/media-types";
import { readGraph } from "../../../../lib/oci/mirror";
import { dependenciesFirst } from "../../../../lib/oci/mirror/dependencies-first";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor, FetchedManifest } from "../../../../lib/oci/types";

/** A source that makes content up as it is asked for it, and counts how often it is. */
class InventiveSource {
  readonly name = "registry.example/acme/app";
  readonly registry = undefined;
  asked = 0;
  private readonly known = new Map<string, FetchedManifest>();

  constructor(private readonly invent: (source: InventiveSource, of: string) => Descriptor[]) {}

  add(content: object): Descriptor {
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, ...content }),
    );
    const descriptor = { mediaType: MediaType.ociIndex, digest: digestOf(bytes), size: bytes.length };
    this.known.set(descriptor.digest, { descriptor, bytes });
    return descriptor;
  }

  async getManifest(reference: string): Promise<FetchedManifest> {
    this.asked++;
    const found = this.known.get(reference);
    if (!found) throw new Error(`no ${reference}`);
    return found;
  }

  async listReferrers(digest: string): Promise<Descriptor[]> {
    return this.invent(this, digest);
  }
}

describe("the limits of a graph", () => {
  const limits = { depth: 4, manifests: 50, bytes: 1024 * 1024 };
  const refused = async (source: InventiveSource, root: Descriptor, reason: RegExp) => {
    await assert.rejects(
      readGraph([source as unknown as Repository], root.digest, { limits, referrers: "subject" }),
      (error) =>
        error instanceof GraphLimitError && reason.test(error.message) && error.message.includes(root.digest),
    );
    assert.ok(source.asked <= limits.manifests + 20, `asked ${source.asked} times`);
  };
  const nested = (source: InventiveSource, levels: number): Descriptor => {
    let top = source.add({ manifests: [] });
    for (let level = 0; level < levels; level++) top = source.add({ manifests: [top] });
    return top;
  };
  const none = () => [];

  it("take indexes in indexes to a depth", async () => {
    const source = new InventiveSource(none);
    const graph = await readGraph([source as unknown as Repository], nested(source, 4).digest, {
      limits,
      referrers: "subject",
    });
    assert.equal(graph.manifests.length, 5);
    await refused(source, nested(source, 5), /nested in more than 4 levels/);
  });

  it("take an index of so many manifests", async () => {
    const source = new InventiveSource(none);
    const manifests = Array.from({ length: 2000 }, (_, index) =>
      source.add({ manifests: [], annotations: { index: `${index}` } }),
    );
    await refused(source, source.add({ manifests }), /more than 50 manifests/);
  });

  it("take so many bytes of manifests", async () => {
    const source = new InventiveSource(none);
    const manifests = Array.from({ length: 40 }, (_, index) =>
      source.add({ manifests: [], annotations: { x: `${index}`.repeat(30_000) } }),
    );
    await refused(source, source.add({ manifests }), /more than 1048576 bytes/);
  });

  it("take no referrers that are made up for each digest that is asked about", async () => {
    const source = new InventiveSource((self, of) => [
      self.add({ manifests: [], subject: { mediaType: MediaType.ociIndex, digest: of, size: 1 } }),
    ]);
    await refused(source, source.add({ manifests: [] }), /more than 50 manifests/);
  });

  it("order a chain of any length", () => {
    const length = 100_000;
    const ordered = dependenciesFirst([0], (item) => (item < length ? [item + 1] : []));
    assert.deepEqual([ordered.size, [...ordered][0], [...ordered].at(-1)], [length + 1, length, 0]);
  });
});
