import { manifestContent } from "../../lib/oci/manifest-content";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";
import type { Services } from "../run/services";

/**
 * Media type of the layers of an attestation (BuildKit, docs/attestations/attestation-storage.md).
 */
const statementLayer = "application/vnd.in-toto+json";

/**
 * Returns whether an index lists a manifest for `unknown/unknown`, as BuildKit lists attestations.
 */
export function isForNoPlatform({ platform }: Pick<Descriptor, "platform">): boolean {
  return platform?.os === "unknown" && platform.architecture === "unknown";
}

/**
 * Returns whether a manifest holds statements and nothing else. What an index says of it is a
 * claim: an image can be listed for `unknown/unknown` as well, and be run.
 */
export async function isBuildAttestation(
  services: Services,
  repository: Repository,
  digest: string,
): Promise<boolean> {
  const { layers } = manifestContent((await services.manifest(repository, digest)).bytes) ?? {};
  return !!layers && layers.length > 0 && layers.every(({ mediaType }) => mediaType === statementLayer);
}
