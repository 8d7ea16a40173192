import { publishedVersions } from "../release/stack-versions";

/** An image of a published version. */
export interface PublishedImage {
  /** `host/path`, or a layout or archive. */
  readonly repository: string;
  readonly digest: string;
}

/** A version that a stack has published. */
export interface PublishedImages {
  /** When it was first noted, as an ISO 8601 time in UTC. */
  readonly published: string;
  readonly images: readonly PublishedImage[];
}

/**
 * The images of each version that a stack has published, in the order of publication, from what `pulumi stack export` prints: the
 * ledger has them.
 */
export function publishedImages(exported: string): Map<string, PublishedImages> {
  const ordered = Object.entries(publishedVersions(exported))
    .map(([version, { published, tags }]) => [version, { published, images: imagesOf(tags) }] as const)
    .sort(([one, a], [other, b]) => {
      const [before, after] = [`${a.published} ${one}`, `${b.published} ${other}`];
      return before < after ? -1 : 1;
    });
  return new Map(ordered);
}

/** Each repository once: all version tags of it have one digest. */
function imagesOf(tags: Readonly<Record<string, string>>): PublishedImage[] {
  const digests = new Map(
    Object.entries(tags).map(([reference, digest]) => [
      reference.slice(0, reference.lastIndexOf(":")),
      digest,
    ]),
  );
  return [...digests].map(([repository, digest]) => ({ repository, digest }));
}

/** Images of two versions, side by side; what several places have alike is there once. */
export function pairedImages(
  before: readonly PublishedImage[],
  after: readonly PublishedImage[],
): { readonly before?: PublishedImage; readonly after?: PublishedImage }[] {
  const repositories = new Set([...after, ...before].map(({ repository }) => repository));
  const pairs = new Map<string, { before?: PublishedImage; after?: PublishedImage }>();
  for (const repository of repositories) {
    const of = (list: readonly PublishedImage[]) => list.find((image) => image.repository === repository);
    const [old, now] = [of(before), of(after)];
    const key = `${old?.digest} ${now?.digest}`;
    if (!pairs.has(key)) pairs.set(key, { ...(old && { before: old }), ...(now && { after: now }) });
  }
  return [...pairs.values()];
}
