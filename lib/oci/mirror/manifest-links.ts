import { defined } from "../../objects/defined";
import { isDigest } from "../digest";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType } from "../media-types";
import type { Descriptor } from "../types";

/** A blob as a manifest names it. `size` is in bytes. */
export type BlobDescriptor = Pick<Descriptor, "mediaType" | "digest" | "size">;

/** Inputs of a manifest. */
export interface ManifestLinks {
  /** Descriptors of the manifests that it lists, in order. */
  children: Descriptor[];
  /** Config, layers and whatever else it lists that is not a manifest; each digest once. */
  blobs: BlobDescriptor[];
  /**
   * Layers that are not distributed with it: they have `urls` of their own
   * (image-spec/descriptor.md).
   */
  foreign: BlobDescriptor[];
  /** Digest of the manifest that it refers to. */
  subject?: string;
}

/**
 * A manifest that cannot be mirrored: it is not what its media type says, or uses digests that are
 * not SHA-256.
 */
export class ManifestContentError extends Error {
  override readonly name = "ManifestContentError";
}

/**
 * Reads what a manifest is made of.
 *
 * @throws ManifestContentError
 */
export function manifestLinks({ digest, mediaType }: Descriptor, bytes: Uint8Array): ManifestLinks {
  const content = manifestContent(bytes);
  if (!content)
    throw new ManifestContentError(`manifest ${digest} is neither a manifest nor an index in JSON`);
  const listed = isIndexMediaType(mediaType)
    ? descriptors(content.manifests, digest)
    : descriptors([...(content.config ? [content.config] : []), ...(content.layers ?? [])], digest);
  const isChild = (descriptor: Descriptor) => isIndexMediaType(mediaType) && namesManifest(descriptor);
  const blobs = new Map<string, BlobDescriptor>();
  const foreign: BlobDescriptor[] = [];
  for (const descriptor of listed) {
    if (isChild(descriptor)) continue;
    if (!Number.isSafeInteger(descriptor.size) || descriptor.size < 0) {
      throw new ManifestContentError(`manifest ${digest} gives no size for ${descriptor.digest}`);
    }
    const blob = { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size };
    if (descriptor.urls && descriptor.urls.length > 0) foreign.push(blob);
    else blobs.set(blob.digest, blob);
  }
  const subject = content.subject?.digest;
  return defined({
    children: listed.filter(isChild),
    blobs: [...blobs.values()],
    foreign,
    subject: subject !== undefined && isDigest(subject) ? subject : undefined,
  });
}

/** BuildKit's caches are indexes that list layers; an entry without a media type is a manifest. */
function namesManifest({ mediaType }: Partial<Descriptor>): boolean {
  return mediaType === undefined || isManifestMediaType(mediaType) || isIndexMediaType(mediaType);
}

function descriptors(listed: unknown, manifest: string): Descriptor[] {
  if (!Array.isArray(listed)) return [];
  return listed.map((entry: Partial<Descriptor> | null) => {
    if (typeof entry?.digest !== "string" || !isDigest(entry.digest)) {
      throw new ManifestContentError(
        `manifest ${manifest} names content by ${JSON.stringify(entry?.digest)}: only SHA-256 digests can be mirrored`,
      );
    }
    return entry as Descriptor;
  });
}
