import { OciLayout } from "../oci/layout";
import { isIndexMediaType } from "../oci/media-types";
import { mirror, type MirrorRun } from "../oci/mirror";
import type { Repository } from "../oci/repository";
import { ScanError } from "./scanner";

/**
 * Fetches the image of one platform into a layout that has nothing else, for scanners that read
 * images from disk.
 *
 * @param digest of the platform's manifest
 * @param directory is made
 * @throws RegistryError or MirrorError where it is not there; ScanError where the digest is an
 * index
 */
export async function fetchImage(
  repository: Repository,
  digest: string,
  directory: string,
  run: MirrorRun,
  signal?: AbortSignal,
): Promise<void> {
  const { descriptor } = await repository.getManifest(digest);
  if (isIndexMediaType(descriptor.mediaType)) {
    throw new ScanError(
      `${repository.name}@${digest} is an index; a scan looks at the manifest of one platform: ` +
        `declare each of them as a subject`,
    );
  }
  const target = new OciLayout(directory);
  await mirror({ sources: [repository], target, digest, referrers: "none", run, signal });
}
