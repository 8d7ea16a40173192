import { parseBoundedJson } from "./bounded-json";
import { isIndexMediaType, isManifestMediaType, MediaType } from "./media-types";
import type { Index, Manifest } from "./types";

/** Any fields that a manifest or an index may have. */
export type ManifestContent = Partial<Omit<Manifest, "schemaVersion"> & Omit<Index, "schemaVersion">> & {
  schemaVersion?: unknown;
};

/**
 * The content of bytes that may be a manifest or an index; undefined for what is neither: no JSON
 * object, or one whose fields are of other types than they can be. Fields that are missing or null
 * are left to who reads them.
 */
export function manifestContent(bytes: Uint8Array): ManifestContent | undefined {
  try {
    const parsed: unknown = parseBoundedJson(bytes);
    return isObject(parsed) && hasShape(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function hasShape({
  mediaType,
  artifactType,
  config,
  subject,
  layers,
  manifests,
  annotations,
}: Fields): boolean {
  return (
    orNull(isText)(mediaType) &&
    orNull(isText)(artifactType) &&
    orNull(isDescriptor)(config) &&
    orNull(isDescriptor)(subject) &&
    orNull(isDescriptors)(layers) &&
    orNull(isDescriptors)(manifests) &&
    orNull(areAnnotations)(annotations)
  );
}

function isDescriptor(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { mediaType, artifactType, digest, platform, urls, annotations } = value;
  return (
    orNull(isText)(mediaType) &&
    orNull(isText)(artifactType) &&
    orNull(isText)(digest) &&
    orNull(isObject)(platform) &&
    orNull(Array.isArray)(urls) &&
    orNull(areAnnotations)(annotations)
  );
}

function isDescriptors(value: unknown): boolean {
  return Array.isArray(value) && value.every(isDescriptor);
}

function areAnnotations(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function orNull(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || value === null || fits(value);
}

/** Media type of bytes that may be a manifest or an index; undefined for what is neither. */
export function manifestMediaType(bytes: Uint8Array): string | undefined {
  const content = manifestContent(bytes);
  if (content?.schemaVersion !== 2) return undefined;
  const { mediaType } = content;
  if (mediaType !== undefined) {
    return isManifestMediaType(mediaType) || isIndexMediaType(mediaType) ? mediaType : undefined;
  }
  // Programs in Go write an empty list as null.
  if (Array.isArray(content.manifests) || content.manifests === null) return MediaType.ociIndex;
  return content.config && Array.isArray(content.layers) ? MediaType.ociManifest : undefined;
}
