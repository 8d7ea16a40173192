import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { readBlob } from "../oci/attach";
import { maximumConfigSize } from "../oci/image/silent-entries";
import { epoch, type ImageConfigFile } from "../oci/image/config";
import { manifestContent } from "../oci/manifest-content";
import { isIndexMediaType, isManifestMediaType, MediaType } from "../oci/media-types";
import { formatPlatform, normalizePlatform } from "../oci/platform";
import { formatReference, parseReference } from "../oci/reference";
import type { Repository } from "../oci/repository";
import type { Annotations, Descriptor, FetchedManifest, Platform } from "../oci/types";
import { SbomError } from "./sbom-error";

/** An image that another one was built on, as its annotations tell. */
export interface BaseImageName {
  /** e.g. `docker.io/library/alpine:3.20`. */
  readonly name?: string;
  readonly digest?: string;
}

/** The image of one platform. */
export interface ImageSubject {
  readonly kind: "image";
  readonly descriptor: Descriptor;
  readonly platform: string;
  readonly architecture: string;
  /** The platform in parts. */
  readonly target: Platform;
  /** RFC 3339 in UTC, whole seconds. */
  readonly created: string;
  readonly base?: BaseImageName;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

/** A list of images, one a platform. */
export interface IndexSubject {
  readonly kind: "index";
  readonly descriptor: Descriptor;
  readonly created: string;
  readonly base?: BaseImageName;
  readonly images: readonly { readonly digest: string; readonly platform?: string }[];
}

/** Subject of an SBOM. */
export type SbomSubject = ImageSubject | IndexSubject;

const configTypes: ReadonlySet<string> = new Set([MediaType.ociConfig, MediaType.dockerConfig]);

/**
 * Reads what a manifest or index is; of the layers nothing is read.
 *
 * @param known gives the bytes of an image's configuration by its digest where they need not be read
 * @throws SbomError for what is neither an image nor an index of images
 */
export async function readSubject(
  repository: Repository,
  fetched: FetchedManifest,
  known: (digest: string) => Buffer | undefined = () => undefined,
): Promise<SbomSubject> {
  const { mediaType, digest, size } = fetched.descriptor;
  const descriptor: Descriptor = { mediaType, digest, size };
  const name = `${repository.name}@${digest}`;
  const content = manifestContent(fetched.bytes);
  const base = baseOf(content?.annotations);
  if (content && isIndexMediaType(mediaType)) {
    const images = (content.manifests ?? [])
      .filter((child) => child.platform?.os !== "unknown" && !child.artifactType)
      .map(({ digest: image, platform }) =>
        defined({
          digest: image,
          platform: platform?.os ? formatPlatform(platform) : undefined,
        }),
      );
    return { kind: "index", descriptor, created: createdOf(content.annotations), ...base, images };
  }
  if (!content?.config || !isManifestMediaType(mediaType) || !configTypes.has(content.config.mediaType)) {
    throw new SbomError(
      `${name} is not an image: its configuration is ${JSON.stringify(content?.config?.mediaType)}, and that of an image is ` +
        `"${MediaType.ociConfig}". Name the digest of an image or an index.`,
    );
  }
  const config = configOf(
    known(content.config.digest) ?? (await readBlob(repository, content.config, maximumConfigSize)),
    name,
  );
  const target = normalizePlatform(platformOf(config));
  return {
    kind: "image",
    descriptor,
    platform: formatPlatform(config),
    architecture: target.architecture,
    target,
    created: createdOf(content.annotations, config.created),
    ...base,
    layers: content.layers ?? [],
  };
}

function platformOf({ os, architecture, variant }: Platform): Platform {
  return defined({ os, architecture, variant: nonEmpty(variant) });
}

function configOf(bytes: Buffer, name: string): ImageConfigFile {
  const config = manifestContent(bytes) as Partial<ImageConfigFile> | undefined;
  if (!config?.os || !config.architecture)
    throw new SbomError(`${name} has a configuration without a platform`);
  return config as ImageConfigFile;
}

/** The time in SPDX's form; the epoch where an image has none, as reproducible ones do. */
function createdOf(annotations: Annotations | undefined, configured?: string): string {
  const time = Date.parse(configured ?? annotations?.["org.opencontainers.image.created"] ?? epoch);
  // A year of five digits has no place in the form.
  if (Number.isNaN(time) || time < 0 || time >= 253_402_300_800_000) return epoch;
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * The base that the annotations name (image-spec/annotations.md). A name that is not a reference is
 * left out.
 */
function baseOf(annotations: Annotations | undefined): { base?: BaseImageName } {
  const name = annotations?.["org.opencontainers.image.base.name"];
  const digest = annotations?.["org.opencontainers.image.base.digest"];
  try {
    const reference = parseReference(`${name ?? "unnamed"}${digest ? `@${digest}` : ""}`);
    if (!name && !reference.digest) return {};
    return {
      base: defined({
        name: name ? formatReference({ repository: reference.repository, tag: reference.tag }) : undefined,
        digest: nonEmpty(reference.digest),
      }),
    };
  } catch {
    return {};
  }
}
