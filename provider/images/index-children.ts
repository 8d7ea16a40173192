import { isNotFound } from "../../lib/oci/errors";
import { isIndexMediaType } from "../../lib/oci/media-types";
import { parsedObject } from "../../lib/oci/parsed-object";
import { formatPlatform } from "../../lib/oci/platform";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";
import { isBuildAttestation, isForNoPlatform } from "./build-attestation";
import type { Services } from "../run/services";

/** An image that an index lists. */
export interface IndexChild {
  readonly index: string;
  readonly digest: string;
  /**
   * Platform in the index; undefined if it states none, so that any machine may take the image for
   * its own.
   */
  readonly platform?: string | undefined;
}

/**
 * The images of an index, as the manifest in the registry lists them. Attestations of BuildKit, for
 * `unknown/unknown`, are none; an image that is listed like one is.
 *
 * @throws Error where the digest is not an index, or lists another one, whose images it does not
 * name
 */
export async function childrenOf(
  services: Services,
  repository: Repository,
  digest: string,
): Promise<IndexChild[]> {
  const { bytes, descriptor } = await services.manifest(repository, digest);
  const name = `${repository.name}@${digest}`;
  if (!isIndexMediaType(descriptor.mediaType)) {
    throw new Error(
      `${name} is the manifest of one image, not an index: declare it with its platform ` +
        `(a valid example: { digest: "sha256:…", platform: "linux/amd64" })`,
    );
  }
  const manifests = manifestsIn(bytes, name);
  const nested = manifests.find(({ mediaType }) => isIndexMediaType(mediaType));
  if (nested) {
    throw new Error(
      `${name} lists another index, ${nested.digest}: the images of that one are not known by this one. ` +
        "Publish an index that lists its images itself.",
    );
  }
  const children: IndexChild[] = [];
  for (const listed of manifests) {
    if (isForNoPlatform(listed) && (await isBuildAttestation(services, repository, listed.digest))) continue;
    const { digest: child, platform } = listed;
    children.push({
      index: digest,
      digest: child,
      platform: platform && formatPlatform(platform),
    });
  }
  return children;
}

/**
 * Digests of everything that an index lists; none where the digest is not an index, or not there
 * yet.
 */
export async function listedImages(services: Services, address: string, digest: string): Promise<string[]> {
  const repository = await services.open(address);
  try {
    const { bytes, descriptor } = await repository.getManifest(digest);
    if (!isIndexMediaType(descriptor.mediaType)) return [];
    return manifestsIn(bytes, digest).map((manifest) => manifest.digest);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** The manifests that an index lists, by its bytes. */
function manifestsIn(bytes: Buffer, name: string): readonly Descriptor[] {
  return parsedObject(bytes.toString("utf8"), name).manifests as Descriptor[];
}

/** An image of an index, in words. */
export function childName({ digest, platform }: IndexChild): string {
  return platform === undefined ? digest : `${digest} (${platform})`;
}
