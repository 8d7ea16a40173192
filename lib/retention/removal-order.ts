import type { RepositoryContents } from "./contents";
import type { RepositoryLinks } from "./links";

/** One deletion. */
export interface RemovalStep {
  /** The tag; undefined for a manifest. */
  readonly tag?: string | undefined;
  /** Digest of the manifest, or of what the tag points to. */
  readonly digest: string;
  /** Whether the tag belongs to a digest by its name, and nobody but its readers looks for it. */
  readonly isOfDigest?: boolean | undefined;
}

/**
 * The order in which things are deleted: tags before what they point to, an index before what it lists, a manifest before
 * what refers to it. A list of referrers goes after what it is of, so that a run that was cut off finds what is left. One
 * image goes after the other.
 *
 * @param tags that go
 * @param manifests that go
 */
export function removalOrder(
  contents: RepositoryContents,
  links: RepositoryLinks,
  tags: readonly string[],
  manifests: ReadonlySet<string>,
): RemovalStep[] {
  const nodes = new Map<string, RemovalStep>();
  const after = new Map<string, string[]>();
  const waits = new Map<string, number>();
  const edge = (from: string, to: string) => {
    after.set(from, [...(after.get(from) ?? []), to]);
    waits.set(to, (waits.get(to) ?? 0) + 1);
  };
  const addTag = (tag: string, digest: string, isOfDigest: boolean) => {
    if (nodes.has(tag)) return;
    nodes.set(tag, { tag, digest, isOfDigest });
    if (manifests.has(digest)) edge(tag, digest);
  };
  for (const tag of tags) {
    const digest = contents.tags.get(tag);
    if (digest !== undefined) addTag(tag, digest, false);
  }
  for (const digest of manifests) nodes.set(digest, { digest });
  for (const digest of manifests) {
    const { children, named, referrers } = links.of(digest);
    for (const one of [...children, ...referrers]) if (manifests.has(one)) edge(digest, one);
    for (const [tag, list] of named) {
      addTag(tag, list, true);
      edge(digest, tag);
    }
  }
  const steps: RemovalStep[] = [];
  const ready = [...nodes.keys()].filter((name) => !waits.get(name)).reverse();
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    const node = nodes.get(name);
    if (node) steps.push(node);
    for (const next of [...(after.get(name) ?? [])].reverse()) {
      const left = (waits.get(next) ?? 0) - 1;
      waits.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return steps;
}
