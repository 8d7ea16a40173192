import { defined } from "../objects/defined";
import { parseBoundedJson } from "../oci/bounded-json";
import { isDigest } from "../oci/digest";
import { formatRepository, parseReference } from "../oci/reference";
import { CredentialsError, RegistryError } from "../oci/errors";
import { isIndexMediaType } from "../oci/media-types";
import { RegistryClient, type RegistryHost } from "../oci/registry/client";
import type { RecentPushes } from "../oci/registry/recent-pushes";
import type { Repository } from "../oci/repository";
import type { Index, Manifest } from "../oci/types";
import type { CheckOutcome } from "./outcome";

/**
 * Pulls an image as somebody who has not signed in: its manifest, that of every platform, and every
 * blob's presence.
 *
 * @param reference `host/path:tag` or `host/path@digest`
 * @param hosts certificates and plain HTTP; user names and passwords among them are not used
 * @param pushes of this run, which are waited for
 */
export async function anonymousPullCheck(
  reference: string,
  hosts: readonly RegistryHost[],
  pushes?: RecentPushes,
): Promise<CheckOutcome> {
  const { repository: name, tag, digest } = parseReference(reference);
  const client = new RegistryClient(defined({ credentials: hosts, anonymous: true, pushes }));
  try {
    const repository = client.repository(name);
    const counts = { manifests: 0, blobs: 0 };
    const missing = await pull(repository, digest ?? tag ?? "latest", counts);
    if (missing.length > 0) {
      return { passed: false, detail: `${formatRepository(name)} lacks ${missing.join(", ")}`, output: "" };
    }
    return {
      passed: true,
      detail: `${counts.manifests} manifests and ${counts.blobs} blobs can be pulled without signing in`,
      output: "",
    };
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof CredentialsError)) throw error;
    return { passed: false, detail: error.message, output: "" };
  } finally {
    await client.close();
  }
}

/** Digests that are named and not there. */
async function pull(
  repository: Repository,
  reference: string,
  counts: { manifests: number; blobs: number },
): Promise<string[]> {
  const { bytes, descriptor } = await repository.getManifest(reference);
  counts.manifests += 1;
  if (isIndexMediaType(descriptor.mediaType)) {
    const index = parseBoundedJson(bytes) as Index;
    const missing = await Promise.all(
      index.manifests.map(async ({ digest }) =>
        isDigest(digest) ? pull(repository, digest, counts) : [JSON.stringify(digest)],
      ),
    );
    return missing.flat();
  }
  const manifest = parseBoundedJson(bytes) as Manifest;
  const blobs = [manifest.config, ...manifest.layers];
  counts.blobs += blobs.length;
  const sizes = await Promise.all(blobs.map(({ digest, size }) => repository.blobSize(digest, size)));
  return blobs.flatMap(({ digest, size }, index) => {
    const found = sizes[index];
    if (found === size) return [];
    return [found === undefined ? digest : `${digest} (of which ${found} of ${size} bytes are there)`];
  });
}
