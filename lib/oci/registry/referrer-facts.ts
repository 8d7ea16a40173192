import { defined } from "../../objects/defined";
import { nonEmpty } from "../../text/non-empty";
import { parseBoundedJson } from "../bounded-json";
import { manifestContent } from "../manifest-content";
import type { Descriptor, Index } from "../types";

/** The parts of a manifest that make it a referrer. */
export interface ReferrerFacts {
  subject?: Descriptor;
  /** The descriptor under which it is listed. */
  entry: Descriptor;
}

/**
 * Reads from a manifest what its subject is and how it is listed there (distribution-spec 1.1,
 * "Listing Referrers").
 */
export function referrerFacts(descriptor: Descriptor, bytes: Uint8Array): ReferrerFacts {
  const manifest = manifestContent(bytes);
  if (!manifest) return { entry: descriptor };
  const { subject, annotations } = manifest;
  const artifactType = [manifest.artifactType, manifest.config?.mediaType].find(Boolean);
  const entry: Descriptor = defined({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    artifactType: nonEmpty(artifactType),
    annotations: annotations && Object.keys(annotations).length > 0 ? annotations : undefined,
  });
  return defined({ subject: subject?.digest ? subject : undefined, entry });
}

/** The descriptors in an index; undefined where the bytes are not an index. */
export function indexEntries(bytes: Uint8Array): Descriptor[] | undefined {
  try {
    const index = parseBoundedJson(bytes) as (Partial<Index> & { config?: unknown; layers?: unknown }) | null;
    if (!index || index.schemaVersion !== 2 || index.config || index.layers) return undefined;
    const entries = index.manifests ?? [];
    return Array.isArray(entries) ? entries.filter((entry) => typeof entry?.digest === "string") : undefined;
  } catch {
    return undefined;
  }
}
