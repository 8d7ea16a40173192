import { parseBoundedJson } from "./bounded-json";
import { isIndexMediaType, isManifestMediaType, MediaType } from "./media-types";
import type { Index, Manifest } from "./types";

/** Any fields that a manifest or an index may have. */
export type ManifestContent = Partial<Omit<Manifest, "schemaVersion"> & Omit<Index, "schemaVersion">> & {
  schemaVersion?: unknown;
};

/** The content of bytes that may be a manifest or an index; undefined for what is no JSON object. */
export function manifestContent(bytes: Uint8Array): ManifestContent | undefined {
  try {
    const parsed: unknown = parseBoundedJson(bytes);
    return parsed !== null && typeof parsed === "object" ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Media type of bytes that may be a manifest or an index; undefined for what is neither. */
export function manifestMediaType(bytes: Uint8Array): string | undefined {
  const content = manifestContent(bytes);
  if (content?.schemaVersion !== 2) return undefined;
  const { mediaType } = content;
  if (mediaType !== undefined) {
    return isManifestMediaType(mediaType) || isIndexMediaType(mediaType) ? mediaType : undefined;
  }
  if (Array.isArray(content.manifests)) return MediaType.ociIndex;
  return content.config && Array.isArray(content.layers) ? MediaType.ociManifest : undefined;
}
