import { parseBoundedJson } from "../bounded-json";
import { manifestContent } from "../manifest-content";
import { MediaType } from "../media-types";
import { statedPlatform } from "../platform";
import type { Descriptor, FetchedManifest, Platform } from "../types";

/** Configurations are a few kilobytes; more than this, in bytes, is no configuration. */
export const maximumConfigSize = 8 * 1024 * 1024;

/**
 * Manifests of one index that are asked for their platform, at most, where the index does not say
 * it.
 */
export const mostAsked = 50;

/** What engines may store as an annotation of an attestation (BuildKit). */
const attestationType = "vnd.docker.reference.type";

const configMediaTypes: ReadonlySet<string> = new Set([MediaType.ociConfig, MediaType.dockerConfig]);

/**
 * Returns whether an entry of an index leaves its platform to the image. The field is optional
 * (image-spec/image-index.md), and engines then take the configuration's (containerd,
 * images.Manifest). An entry for `unknown` has said that it is for none.
 */
export function isSilent(entry: Descriptor): boolean {
  return !isAttestation(entry) && (!entry.platform?.os || !entry.platform.architecture);
}

/** Returns whether an entry is a statement about an image: by its type, or as BuildKit lists them. */
export function isAttestation({ artifactType, annotations }: Descriptor): boolean {
  return !!artifactType || annotations?.[attestationType] !== undefined;
}

/** The descriptor of an image's configuration; undefined for what is no image. */
export function imageConfig({ bytes }: Pick<FetchedManifest, "bytes">): Descriptor | undefined {
  const { config } = manifestContent(bytes) ?? {};
  return config && configMediaTypes.has(config.mediaType) ? config : undefined;
}

/** The platform that a configuration states, normalized; undefined where it states none. */
export function configuredPlatform(config: Uint8Array): Platform | undefined {
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(config);
  } catch {
    return undefined;
  }
  if (parsed === null || typeof parsed !== "object") return undefined;
  const { os, architecture, variant } = parsed as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  const platform =
    typeof variant === "string" && variant ? { os, architecture, variant } : { os, architecture };
  return statedPlatform({ platform });
}
