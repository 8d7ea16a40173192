import assert from "node:assert/strict";
import { anonymousPullCheck } from "../../../../lib/checks/pull-check";
import { digestFileName, digestOf } from "../../../../lib/oci/digest";
import { readBase } from "../../../../lib/oci/image/base";
import { OciLayout } from "../../../../lib/oci/layout";
import { MediaType } from "../../../../lib/oci/media-types";
import { mirror } from "../../../../lib/oci/mirror";
import { parseRepository } from "../../../../lib/oci/reference";
import type { Descriptor } from "../../../../lib/oci/types";
import { answer, json } from "../../../support/hostile/behaviors";
import type { Content } from "../../../support/hostile/image";
import { startHostileRegistry, type HostileRegistry } from "../../../support/hostile/registry";
import { temporaryFolder } from "../assembly/temporary-folder";
import { TestClients } from "./fixtures";

/** What others give where a digest belongs: a tag of theirs, and what leads out of a path. */
const noDigests = ["1.0.0", "../../other/manifests/1.0.0", "sha256:../../../x", `sha256:${"A".repeat(64)}`];

describe("what others name where a digest belongs", () => {
  const clients = new TestClients();
  const folder = temporaryFolder();
  let registry: HostileRegistry;

  beforeEach(async () => {
    registry = await startHostileRegistry();
  });
  afterEach(() => registry.stop());
  after(() => clients.close());

  const open = () =>
    clients
      .open({ credentials: [{ host: registry.host, insecure: true }] })
      .repository(parseRepository(registry.repository));

  /** An index whose only image is named by a text. */
  function indexOf(digest: string): Content {
    const platform = { os: "linux", architecture: "amd64" };
    const child = { ...registry.image.manifest.descriptor, digest, platform };
    const index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [child] };
    const bytes = Buffer.from(JSON.stringify(index));
    const descriptor = { mediaType: MediaType.ociIndex, digest: digestOf(bytes), size: bytes.length };
    return { descriptor, bytes };
  }

  /** Nothing was read but by what was asked for. */
  function askedForOnly(reference: string): void {
    const others = registry.requests
      .map(({ path }) => path)
      .filter((path) => path.includes("/manifests/") && !path.endsWith(`/manifests/${reference}`));
    assert.deepEqual(others, []);
  }

  for (const text of noDigests) {
    describe(JSON.stringify(text.slice(0, 30)), () => {
      it("is not a base: an image pinned by digest stays what it is", async () => {
        const { descriptor, bytes } = indexOf(text);
        registry.hold({ descriptor, bytes });
        const reading = readBase(open(), descriptor.digest, { os: "linux", architecture: "amd64" });
        await assert.rejects(reading, /names its image for linux\/amd64 by ".*", which is not a digest/);
        askedForOnly(descriptor.digest);
      });

      it("is not mirrored", async () => {
        const { descriptor, bytes } = indexOf(text);
        registry.hold({ descriptor, bytes });
        const target = new OciLayout(folder());
        await assert.rejects(
          mirror({ sources: [open()], target, digest: descriptor.digest, referrers: "none" }),
          /names content by ".*": only SHA-256 digests can be mirrored/,
        );
        askedForOnly(descriptor.digest);
      });

      it("is missing for whoever pulls", async () => {
        const { descriptor, bytes } = indexOf(text);
        registry.hold({ descriptor, bytes });
        const hosts = [{ host: registry.host, insecure: true }];
        const outcome = await anonymousPullCheck(`${registry.repository}@${descriptor.digest}`, hosts);
        assert.equal(outcome.passed, false);
        assert.ok(outcome.detail.includes(`lacks ${JSON.stringify(text)}`), outcome.detail);
        askedForOnly(descriptor.digest);
      });

      it("is not a referrer", async () => {
        const { digest } = registry.image.manifest.descriptor;
        const entry: Descriptor = { mediaType: MediaType.ociManifest, digest: text, size: 2 };
        const manifests = [{ ...entry, artifactType: MediaType.ociEmpty }];
        registry.fail("referrers", json({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }));
        assert.deepEqual(await open().listReferrers(digest), []);
        askedForOnly("");
      });

      it("is not what a tag points to", async () => {
        const { descriptor, bytes } = registry.image.manifest;
        const headers = {
          "content-type": descriptor.mediaType,
          "docker-content-digest": text,
          "content-length": bytes.length,
        };
        registry.on("HEAD", /\/manifests\/1\.0\.0$/, answer(200, "", headers));
        assert.deepEqual(await open().headManifest("1.0.0"), descriptor);
      });

      it("is not a name of a file", () =>
        assert.throws(() => digestFileName(text), /is not a SHA-256 digest/));
    });
  }
});
