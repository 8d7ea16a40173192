import { readBlob } from "../oci/attach";
import { parseBoundedJson } from "../oci/bounded-json";
import { maximumConfigSize } from "../oci/image/silent-entries";
import { manifestContent } from "../oci/manifest-content";
import { isIndexMediaType } from "../oci/media-types";
import { formatPlatform } from "../oci/platform";
import type { Repository } from "../oci/repository";
import type { Platform } from "../oci/types";

/** The image of one platform, and what it is to transfer. */
export interface SizedImage {
  readonly platform: string;
  readonly digest: string;
  /** Bytes of manifest, configuration and layers as transferred. */
  readonly size: number;
}

/**
 * Reads of an image, or of each that an index lists, how large it is. No layer is read.
 *
 * @param reference tag or digest
 * @throws RegistryError; Error for what is no image
 */
export async function readSizes(repository: Repository, reference: string): Promise<SizedImage[]> {
  const fetched = await repository.getManifest(reference);
  const content = manifestContent(fetched.bytes);
  if (!content || !isIndexMediaType(fetched.descriptor.mediaType)) {
    return [await readSize(repository, fetched.descriptor.digest)];
  }
  const images = (content.manifests ?? []).filter(
    ({ platform, artifactType }) => platform?.os !== "unknown" && !artifactType,
  );
  return Promise.all(images.map(({ digest, platform }) => readSize(repository, digest, platform)));
}

async function readSize(repository: Repository, digest: string, stated?: Platform): Promise<SizedImage> {
  const { bytes, descriptor } = await repository.getManifest(digest);
  const { config, layers = [] } = manifestContent(bytes) ?? {};
  if (!config) throw new Error(`${repository.name}@${digest} is not an image: it has no configuration`);
  const platform =
    stated ?? (parseBoundedJson(await readBlob(repository, config, maximumConfigSize)) as Platform);
  return {
    platform: formatPlatform(platform),
    digest,
    size: [config, ...layers].reduce((sum, { size }) => sum + size, descriptor.size),
  };
}
