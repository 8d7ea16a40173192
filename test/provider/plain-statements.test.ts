import assert from "node:assert/strict";
import { digestOf } from "../../lib/oci/digest";
import { MediaType } from "../../lib/oci/media-types";
import { parseRepository } from "../../lib/oci/reference";
import { RegistryClient } from "../../lib/oci/registry/client";
import { attachStatement } from "../../provider/trust/attestations";
import { encodeStatement, buildStatement, SearchBudget, statementPayloadType } from "../../lib/sigstore";
import { json } from "../support/hostile/behaviors";
import { jsonContent, type Content } from "../support/hostile/image";
import { startHostileRegistry, type HostileRegistry } from "../support/hostile/registry";

const predicateType = "https://example.com/review/v1";

describe("plain statements beside those of others", () => {
  let registry: HostileRegistry;
  let client: RegistryClient;
  beforeEach(async () => {
    registry = await startHostileRegistry();
    client = new RegistryClient({ anonymous: true, retry: { attempts: 1 } });
  });
  afterEach(async () => {
    await client.close();
    await registry.stop();
  });

  const attachTo = (predicate: unknown) =>
    attachStatement(
      { manifest: (repository, digest) => repository.getManifest(digest) },
      client.repository(parseRepository(registry.repository)),
      { subject: registry.image.manifest.descriptor.digest, predicateType, predicate },
      undefined,
      new AbortController().signal,
      performance.now(),
    );
  const referrer = (layers: unknown) => {
    const manifest = jsonContent(MediaType.ociManifest, {
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      artifactType: statementPayloadType,
      config: { mediaType: MediaType.ociEmpty, digest: digestOf("{}"), size: 2 },
      layers,
      subject: registry.image.manifest.descriptor,
    });
    registry.hold(manifest);
    return manifest;
  };
  const list = (manifests: readonly Content[], annotations?: Record<string, string>) =>
    registry.fail(
      "referrers",
      json({
        schemaVersion: 2,
        mediaType: MediaType.ociIndex,
        manifests: manifests.map(({ descriptor }) => ({
          ...descriptor,
          artifactType: statementPayloadType,
          annotations,
        })),
      }),
    );
  const asked = (digest: string) => registry.requests.filter(({ path }) => path.includes(digest)).length;

  it("passes over what is damaged, too large or gone, and adopts the one that says the same", async () => {
    const subject = registry.image.manifest.descriptor.digest;
    const bytes = encodeStatement(buildStatement([{ digest: subject }], predicateType, { by: "alice" }));
    const layer = { mediaType: statementPayloadType, digest: digestOf(bytes), size: bytes.length };
    const wrongSize = digestOf("wrong");
    const huge = digestOf("huge");
    registry.hold({ descriptor: layer, bytes });
    registry.hold({ descriptor: { ...layer, digest: wrongSize }, bytes });
    const same = referrer([layer]);
    list([
      referrer(null),
      referrer("none"),
      referrer([{ ...layer, digest: huge, size: 17 * 1024 * 1024 }]),
      referrer([{ ...layer, digest: wrongSize }]),
      referrer([{ ...layer, digest: digestOf("gone") }]),
      same,
    ]);
    const { attached } = await attachTo({ by: "alice" });
    assert.equal(attached.referrer, same.descriptor.digest);
    assert.equal(asked(huge), 0);
  });

  it("does not read those that say they are of another type", async () => {
    const other = referrer([]);
    list([other], { "in-toto.io/predicate-type": "https://example.com/other/v1" });
    await attachTo({ by: "alice" });
    assert.equal(asked(other.descriptor.digest), 0);
  });

  it("refuses one that would not be read again, before anything is sent", async () => {
    await assert.rejects(attachTo("a".repeat(16 * 1024 * 1024)), /review\/v1 has \d+ bytes, and at most/);
    await assert.rejects(attachTo(Array(1_000_001).fill(0)), /review\/v1 is JSON of more than \d+ values/);
    assert.deepEqual(
      registry.requests.filter(({ method }) => method !== "GET" && method !== "HEAD"),
      [],
    );
  });

  it("looks at no more than a thousand, and no more bytes than half a GiB", () => {
    assert.throws(
      () => new SearchBudget("registry/app", 1001),
      /^VerificationError: registry\/app has 1001 /,
    );
    const budget = new SearchBudget("registry/app", 1000);
    budget.take(-(1024 ** 4));
    budget.take(512 * 1024 * 1024);
    assert.throws(() => budget.take(1), /^VerificationError: registry\/app has more than/);
  });
});
