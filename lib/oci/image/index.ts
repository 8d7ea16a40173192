import { MediaType } from "../media-types";
import type { Annotations, Descriptor, FetchedManifest, Index } from "../types";
import { orderedAnnotations, orderedDescriptor, serialized } from "./manifest";

/**
 * Makes an index of manifests, in the order given: clients take the first one that fits their
 * platform. The bytes follow from the inputs alone.
 */
export function imageIndex(
  manifests: readonly Descriptor[],
  annotations?: Annotations,
  options: { artifactType?: string; subject?: Descriptor } = {},
): FetchedManifest {
  const index: Index = {
    schemaVersion: 2,
    mediaType: MediaType.ociIndex,
    artifactType: options.artifactType,
    manifests: manifests.map(orderedDescriptor),
    subject: options.subject && orderedDescriptor(options.subject),
    annotations: orderedAnnotations(annotations),
  };
  return serialized(index, MediaType.ociIndex);
}
