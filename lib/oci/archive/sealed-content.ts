import { serialized, orderedDescriptor } from "../image/manifest";
import { isNotFound } from "../errors";
import { GraphBudget } from "../graph-limits";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType, MediaType } from "../media-types";
import { formatReference, parseReference } from "../reference";
import type { Descriptor, FetchedManifest, Platform } from "../types";
import { ArchiveError } from "./archive-error";
import { checkedRepoTag, dockerImages, type DockerImage, type RepoTags } from "./docker-manifest";
import { childrenOf, tagOf, type LayoutReader } from "./layout-reader";

/** Annotation by which containerd, and Docker with its image store, names what is loaded. */
const containerdName = "io.containerd.image.name";

/**
 * Content of an archive to be. It follows from the tags and manifests alone, not from the order
 * they came in.
 */
export interface SealedContent {
  /** `index.json`. */
  index: FetchedManifest;
  /** `manifest.json`; empty where there is no image that an engine could load. */
  images: DockerImage[];
  /** Manifests and indexes, by digest. */
  manifests: ReadonlyMap<string, FetchedManifest>;
  /** Size in bytes of every other blob that is needed, by digest. */
  blobs: ReadonlyMap<string, number>;
}

/** Options of {@link sealedContent}. */
export interface SealedContentOptions {
  repoTags?: RepoTags;
  /** Platform whose image `manifest.json` names, where there is one for each of several. */
  platform: Platform;
  /** Size in bytes of a blob that is there. */
  blobSize: (digest: string) => Promise<number | undefined>;
  /** All of a small blob that is there. */
  readBlob: (descriptor: Descriptor) => Promise<Buffer>;
  /** Name of the archive, for messages. */
  name: string;
}

/**
 * Determines what an archive will hold: what `index.json` lists and everything that it leads to. An
 * index may list manifests that are not there; a manifest whose blobs are not there is refused.
 *
 * @throws ArchiveError
 */
export async function sealedContent(
  reader: LayoutReader,
  options: SealedContentOptions,
): Promise<SealedContent> {
  const listed = (await reader.index()).manifests;
  const manifests = new Map<string, FetchedManifest>();
  const blobs = new Map<string, number>();
  const children = new Set<string>();
  const missing: string[] = [];
  const budget = new GraphBudget();

  const addBlob = async ({ digest, size, urls, mediaType }: Descriptor, of: string): Promise<void> => {
    if (blobs.has(digest)) return;
    const actual = await options.blobSize(digest);
    if (actual === size) blobs.set(digest, size);
    else if (actual !== undefined || !isElsewhere(mediaType, urls))
      missing.push(`${digest} (${size} bytes) of ${of}`);
  };
  const add = async (descriptor: Descriptor, of: string, depth: number, parent?: string): Promise<void> => {
    const { digest, mediaType } = descriptor;
    if (parent !== undefined) children.add(digest);
    if (manifests.has(digest)) return;
    if (!isIndexMediaType(mediaType) && !isManifestMediaType(mediaType)) return addBlob(descriptor, of);
    budget.enter(depth);
    const fetched = await found(reader, digest);
    if (!fetched) {
      if (parent === undefined) missing.push(`${digest} of ${of}`);
      return;
    }
    budget.take(fetched.bytes.length);
    manifests.set(digest, fetched);
    const content = manifestContent(fetched.bytes) ?? {};
    for (const child of childrenOf(content)) await add(child, `index ${digest}`, depth + 1, digest);
    for (const blob of [
      ...(content.config ? [content.config] : []),
      ...(Array.isArray(content.layers) ? content.layers : []),
    ]) {
      await addBlob(blob, `manifest ${digest}`);
    }
  };
  for (const descriptor of listed) await add(descriptor, "index.json", 0);
  if (missing.length > 0) {
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
    throw new ArchiveError(
      `${options.name} cannot be sealed, for it would not be complete: it lacks ` +
        `${missing.slice(0, 10).join(", ")}${more}; add what is missing, or delete the manifest`,
    );
  }

  const tagged = listed.filter((descriptor) => tagOf(descriptor) !== undefined);
  const known = new Set([...tagged.map(({ digest }) => digest), ...children]);
  const untagged = listed.filter(({ digest }) => !known.has(digest));
  const entries = [
    ...sortedBy(tagged, (descriptor) => tagOf(descriptor) ?? ""),
    ...sortedBy(untagged, ({ digest }) => digest),
  ].map((descriptor) => named(descriptor, options.repoTags));
  const index = serialized(
    { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: entries },
    MediaType.ociIndex,
  );
  const source = {
    manifest: async (digest: string) => manifests.get(digest),
    blob: options.readBlob,
  };
  const images = await dockerImages(entries, source, options.platform, options.repoTags);
  return { index, images, manifests, blobs };
}

async function found(reader: LayoutReader, digest: string): Promise<FetchedManifest | undefined> {
  try {
    return await reader.getManifest(digest);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Returns whether a layer may be left out, because it is got from elsewhere (image-spec/layer.md,
 * "Non-Distributable Layers").
 */
function isElsewhere(mediaType: string, urls: readonly string[] | undefined): boolean {
  return (urls?.length ?? 0) > 0 || /\.(nondistributable|foreign)\./.test(mediaType);
}

function sortedBy(descriptors: readonly Descriptor[], key: (descriptor: Descriptor) => string): Descriptor[] {
  return [...descriptors].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function named(descriptor: Descriptor, repoTags: RepoTags | undefined): Descriptor {
  const tag = tagOf(descriptor);
  const { [containerdName]: name, ...annotations } = descriptor.annotations ?? {};
  if (tag !== undefined) {
    const chosen = repoTags ? formatReference(parseReference(checkedRepoTag(repoTags, tag))) : name;
    if (chosen !== undefined) annotations[containerdName] = chosen;
  }
  return orderedDescriptor({ ...descriptor, annotations });
}
