import { manifestContent } from "../manifest-content";
import { configuredPlatform, imageConfig, isSilent, mostAsked } from "../image/silent-entries";
import { isIndexMediaType, isManifestMediaType } from "../media-types";
import { formatPlatform, matchesPlatform, statedPlatform } from "../platform";
import { parseReference } from "../reference";
import type { Descriptor, FetchedManifest, Platform } from "../types";
import { ArchiveError } from "./archive-error";
import { blobPath, childrenOf, tagOf } from "./layout-reader";

/** One image in the `manifest.json` of `docker save`; paths are those of files in the archive. */
export interface DockerImage {
  Config: string;
  /**
   * Names that `docker load` gives the image, e.g. `acme/hello:v1`; null for an image without a
   * name.
   */
  RepoTags: string[] | null;
  Layers: string[];
}

/** Types of the layers that make a root file system. */
const layerMediaTypes =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(foreign\.)?diff\.tar)([.+][a-z]+)?$/;

/** Gives the name that `docker load` shall give to what has a tag, e.g. `acme/hello:v1`. */
export type RepoTags = (tag: string) => string;

/** What the images of an archive are read from. */
export interface DockerImageSource {
  /** A manifest by digest, undefined where it is not there. */
  manifest: (digest: string) => Promise<FetchedManifest | undefined>;
  /** All of a small blob. */
  blob: (descriptor: Descriptor) => Promise<Buffer>;
}

/** Indexes inside of indexes that are followed. */
const maximumDepth = 4;

/**
 * The images that an engine loads by `manifest.json`: every tagged image, of a multi-platform one
 * the image for the given platform. What is not an image, or not there for the platform, is left
 * out.
 *
 * @param listed of `index.json`; the order of its tags is that of the result
 * @throws ArchiveError for a name from `repoTags` that is none
 */
export async function dockerImages(
  listed: readonly Descriptor[],
  source: DockerImageSource,
  platform: Platform,
  repoTags?: RepoTags,
): Promise<DockerImage[]> {
  const images = new Map<string, DockerImage>();
  for (const descriptor of listed) {
    const tag = tagOf(descriptor);
    const found = tag === undefined ? undefined : await imageFor(descriptor, source, platform, 0, new Set());
    if (tag === undefined || !found) continue;
    const known = images.get(found.digest);
    const names = repoTags ? [...(known?.RepoTags ?? []), checkedRepoTag(repoTags, tag)] : null;
    images.set(found.digest, { ...found.image, RepoTags: names });
  }
  return [...images.values()];
}

/**
 * The name that `repoTags` gives to a tag.
 *
 * @throws ArchiveError where it is none
 */
export function checkedRepoTag(repoTags: RepoTags, tag: string): string {
  const name = repoTags(tag);
  const example = `a valid example: "acme/hello:${tag}"`;
  const problem = `the name ${JSON.stringify(name)} for the tag ${JSON.stringify(tag)}, for "docker load",`;
  try {
    const { tag: named, digest } = parseReference(name);
    if (named !== undefined && digest === undefined) return name;
  } catch (error) {
    throw new ArchiveError(`${problem} is not valid: ${(error as Error).message}; ${example}`, {
      cause: error,
    });
  }
  throw new ArchiveError(`${problem} has to be a name with a tag and without a digest (${example})`);
}

async function imageFor(
  descriptor: Descriptor,
  source: DockerImageSource,
  platform: Platform,
  depth: number,
  tried: Set<string>,
): Promise<{ digest: string; image: Omit<DockerImage, "RepoTags"> } | undefined> {
  const { digest, mediaType } = descriptor;
  // Many entries can name one index: what has no image has none the second time.
  if (tried.has(digest)) return undefined;
  tried.add(digest);
  const fetched = await source.manifest(digest);
  if (!fetched) return undefined;
  const content = manifestContent(fetched.bytes);
  if (isIndexMediaType(mediaType)) {
    if (depth >= maximumDepth) return undefined;
    for (const child of await candidates(childrenOf(content), source, platform)) {
      const found = await imageFor(child, source, platform, depth + 1, tried);
      if (found) return found;
    }
    return undefined;
  }
  if (!isManifestMediaType(mediaType) || !content?.config || !Array.isArray(content.layers)) return undefined;
  // Signatures and attestations have the configuration of an image, and layers that no engine can
  // unpack.
  if (!imageConfig(fetched)) return undefined;
  if (!content.layers.every(({ mediaType: type }) => layerMediaTypes.test(type))) return undefined;
  const image = {
    Config: blobPath(content.config.digest),
    Layers: content.layers.map((layer) => blobPath(layer.digest)),
  };
  return { digest, image };
}

/**
 * Returns what can be for the platform, the exact one first; an index inside of an index need not
 * say. An image of which the index does not say it comes last, where its configuration does.
 */
async function candidates(
  children: readonly Descriptor[],
  source: DockerImageSource,
  platform: Platform,
): Promise<Descriptor[]> {
  const wanted = formatPlatform(platform);
  const exact = children.filter((child) => child.platform && formatPlatform(child.platform) === wanted);
  const others = children.filter((child) => {
    const of = statedPlatform(child);
    return of ? matchesPlatform(platform, of) : isIndexMediaType(child.mediaType);
  });
  const silent = children.filter((child) => isManifestMediaType(child.mediaType) && isSilent(child));
  const configured = await Promise.all(
    silent.slice(0, mostAsked).map(async (child) => {
      const fetched = await source.manifest(child.digest);
      const config = fetched && imageConfig(fetched);
      const of = config && configuredPlatform(await source.blob(config));
      return of && matchesPlatform(platform, of) ? [child] : [];
    }),
  );
  return [...new Set([...exact, ...others, ...configured.flat()])];
}
