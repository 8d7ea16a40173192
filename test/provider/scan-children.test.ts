import assert from "node:assert/strict";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import type { Held, ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { textLayer, useWorkbench, type Workbench } from "./workbench";

const type = "slipway:trust:Scan";

interface Subject {
  digest: string;
  platform?: string;
}

describe("scans of an index", () => {
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;

  useWorkbench(
    { start: () => startDistribution(), tools: ["registry", "crane"], folder: "children/test" },
    (test) => ({ bench, provider, repository } = test),
  );

  const newImage = (platform: string): Promise<Held> =>
    provider.create("slipway:oci:Image", { repository, platform, layers: [textLayer()] });

  const asSubject = ({ state }: Held): Subject => ({
    digest: String(state.digest),
    platform: String(state.platform),
  });

  /** An index of two images: itself, and its images. */
  async function newIndex(): Promise<[index: Subject, amd64: Subject, arm64: Subject]> {
    const images = [await newImage("linux/amd64"), await newImage("linux/arm64")];
    const manifests = images.map(({ state }) => state.descriptor);
    const index = await provider.create("slipway:oci:Index", { repository, manifests });
    const [amd64, arm64] = images.map(asSubject) as [Subject, Subject];
    return [{ digest: String(index.state.digest) }, amd64, arm64];
  }

  /** An advisory gate without a scanner: what is not executed is told of each subject. */
  const inputs = (...subjects: Subject[]): Properties => ({
    repository,
    subjects,
    scanner: { name: "trivy", program: "./no-such-scanner" },
    advisory: true,
  });

  async function refused(reason: RegExp, ...subjects: Subject[]): Promise<void> {
    bench.forget();
    await assert.rejects(provider.create(type, inputs(...subjects)), reason);
    assert.deepEqual(bench.writeLines(), []);
  }

  it("say of it what they say of each image that it lists, and of no other", async () => {
    const [index, amd64, arm64] = await newIndex();
    const other = asSubject(await newImage("linux/amd64"));
    const { state } = await provider.create(type, inputs(index, amd64, arm64, other));
    assert.deepEqual(
      state.children,
      [amd64, arm64].map((image) => ({ index: index.digest, ...image })),
    );
    const evidence = state.evidence as Properties[];
    assert.deepEqual(
      evidence.map(({ subject }) => subject),
      [amd64, arm64, other, index].map(({ digest }) => digest),
    );
    assert.equal(String(evidence[3]?.detail).match(/linux\/amd64/g)?.length, 1);
  });

  it("are refused where one of its images is left out", async () => {
    const [index, amd64, arm64] = await newIndex();
    const text = `${arm64.digest} \\(linux/arm64\\) of the index ${index.digest} is not among the subjects`;
    await refused(new RegExp(text), index, amd64);
  });

  it("are refused where they look at something else", async () => {
    const [index] = await newIndex();
    const other = asSubject(await newImage("linux/amd64"));
    await refused(/\(linux\/amd64\) of the index .*\n- .*\(linux\/arm64\) of the index/, index, other);
  });

  it("are refused where an image is declared for another platform", async () => {
    const [index, amd64, arm64] = await newIndex();
    const wrong = { ...arm64, platform: "linux/arm/v7" };
    await refused(/\(linux\/arm64\) of the index .* is declared for linux\/arm\/v7/, index, amd64, wrong);
  });

  it("are refused where it is an image", async () => {
    const image = asSubject(await newImage("linux/amd64"));
    await refused(/is the manifest of one image, not an index/, { digest: image.digest }, image);
  });

  it("are refused where an image is listed as an attestation is", async () => {
    const [index, amd64, arm64] = await newIndex();
    const text = await crane(["manifest", bench.direct(`${repository}@${index.digest}`)]);
    const listed = JSON.parse(text) as { mediaType: string; manifests: Properties[] };
    const platform = { os: "unknown", architecture: "unknown" };
    listed.manifests = listed.manifests.map((one) =>
      one.digest === arm64.digest ? { ...one, platform } : one,
    );
    const bytes = JSON.stringify(listed);
    const hidden = { digest: digestOf(bytes) };
    const [host, ...rest] = bench.direct(repository).split("/");
    const response = await fetch(`http://${host}/v2/${rest.join("/")}/manifests/${hidden.digest}`, {
      method: "PUT",
      headers: { "content-type": listed.mediaType },
      body: bytes,
    });
    assert.equal(response.status, 201);
    await refused(/\(unknown\/unknown\) of the index .* is not among the subjects/, hidden, amd64);
    bench.forget();
    await assert.rejects(
      provider.create("slipway:oci:Index", { repository, manifests: listed.manifests }),
      /is listed for the platform unknown\/unknown, .* holds more than statements/,
    );
    assert.deepEqual(bench.writeLines(), []);
  });

  it("are made again where the state of an earlier version does not say what it lists", async () => {
    const [index, amd64, arm64] = await newIndex();
    const held = await provider.create(type, inputs(index, amd64, arm64));
    const { children, ...earlier } = held.state;
    assert.deepEqual((await provider.read({ ...held, state: earlier }))?.state.children, children);
    const declared = inputs(index, amd64);
    const half = { ...held, inputs: declared, state: { ...earlier, subjects: [index, amd64] } };
    const observed = await provider.read(half);
    assert.ok(observed);
    assert.match(String(observed.state.missing), /linux\/arm64\) of the index .* is not among the subjects/);
    bench.forget();
    await provider.read(held);
    assert.deepEqual(bench.proxy.requests, []);
  });
});
