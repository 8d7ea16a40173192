import { digestOf } from "../digest";
import { MediaType } from "../media-types";
import type { Annotations, Descriptor, FetchedManifest, Manifest } from "../types";

/** Optional parts of {@link imageManifest}. */
export interface ManifestOptions {
  annotations?: Annotations;
  /** Type of an artifact that is not an image (image-spec/manifest.md, "artifactType"). */
  artifactType?: string;
  /** The manifest that this one is about. */
  subject?: Descriptor;
}

/**
 * Makes a manifest. The bytes follow from the inputs alone: fields stand in the order of the
 * specification, annotations are sorted, and there is no white space.
 */
export function imageManifest(
  config: Descriptor,
  layers: readonly Descriptor[],
  options: ManifestOptions = {},
): FetchedManifest {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    artifactType: options.artifactType,
    config: orderedDescriptor(config),
    layers: layers.map(orderedDescriptor),
    subject: options.subject && orderedDescriptor(options.subject),
    annotations: orderedAnnotations(options.annotations),
  };
  return serialized(manifest, MediaType.ociManifest);
}

/** The bytes and descriptor of a manifest or index whose fields are in order. */
export function serialized(manifest: object, mediaType: string): FetchedManifest {
  const bytes = Buffer.from(JSON.stringify(manifest), "utf8");
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** A descriptor with its fields in the order of the specification (image-spec/descriptor.md). */
export function orderedDescriptor(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType } = descriptor;
  const { os, architecture, variant } = platform ?? {};
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations: orderedAnnotations(annotations),
    data,
    platform:
      os === undefined || architecture === undefined
        ? undefined
        : {
            architecture,
            os,
            "os.version": platform?.["os.version"],
            "os.features": platform?.["os.features"],
            variant,
          },
    artifactType,
  };
}

/** Annotations sorted by key; undefined where there are none. */
export function orderedAnnotations(annotations: Annotations | undefined): Annotations | undefined {
  const keys = Object.keys(annotations ?? {}).sort();
  if (!annotations || keys.length === 0) return undefined;
  return Object.fromEntries(keys.map((key) => [key, annotations[key] ?? ""]));
}
