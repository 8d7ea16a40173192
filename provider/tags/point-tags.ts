import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { shortDigest } from "../../lib/oci/digest";
import type { Repository } from "../../lib/oci/repository";
import { tagDrift } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { RivalVersions } from "./rival-versions";
import { SkippedVersions } from "./skipped-versions";
import { fixedFirst, refuseMovedVersions, staysForPreRelease, type TagList } from "./tag-rules";

/** What to do with the tags of one repository. */
export interface PointTags extends TagList {
  /** Digest that each tag has to have, by tag. */
  readonly pointers: Readonly<Record<string, string>>;
  /** The higher version that keeps an alias, by alias. */
  readonly heldBy: Readonly<Record<string, string>>;
  /**
   * Tags that were this resource's before: where somebody moved a version tag of these, it is put
   * back.
   */
  readonly own: readonly string[];
  /** Digests that this resource gave its tags before, by tag. */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * Points tags to their digests: the manifest's bytes are put again, under the tag. All are looked
 * at before the first is put, and those that never move are put first, and looked at again before
 * aliases move, those of one digest at once where the registry can. At preview nothing is put.
 *
 * @returns media types of the manifests, by tag; at preview only of those that are in place
 * @throws Error where a version tag exists with another digest, before anything moves, or where
 * another run puts one
 */
export async function pointTags(context: ResourceContext, work: PointTags): Promise<Map<string, string>> {
  const { place, pointers, own, given } = work;
  const repository = await context.services.repository(place);
  // What no stable version has yet stays away.
  const tags = work.tags.filter(
    (declared) => pointers[declared.tag] !== undefined || !staysForPreRelease(declared),
  );
  const versions = new RivalVersions(repository, place);
  const skipped = new SkippedVersions(repository, place);
  const found = await Promise.all(tags.map(({ tag }) => repository.headManifest(tag)));
  const existing = new Map(tags.map(({ tag }, index) => [tag, found[index]]));
  refuseMovedVersions(work, (tag) => (own.includes(tag) ? undefined : existing.get(tag)?.digest));

  const mediaTypes = new Map<string, string>();
  // One after another: registries have been seen to rewrite a manifest's link non-atomically for
  // each of its tags.
  const ordered = fixedFirst(tags);
  const moving = new Map<string, string[]>();
  const firstAlias = ordered.find(({ moves }) => moves !== "never");
  for (const declared of ordered) {
    const { tag, moves } = declared;
    // Aliases follow only a version that is this run's.
    if (declared === firstAlias) await versions.confirm(context.signal);
    const digest = pointers[tag] ?? work.digest;
    const before = existing.get(tag);
    const holder = work.heldBy[tag];
    if (holder !== undefined) {
      const why = staysForPreRelease(declared)
        ? `stays at ${holder}: ${spelledLike(holder, declared.version)} is a pre-release`
        : `is that of ${holder}, which is higher than ${spelledLike(holder, declared.version)}`;
      context.say("info", `${place}:${tag} ${why}`);
    }
    if (before?.digest === digest) {
      mediaTypes.set(tag, before.mediaType);
      continue;
    }
    if (before && moves === "highest" && holder === undefined && given[tag] !== before.digest) {
      await skipped.refuse(declared, before.digest);
    }
    sayChange(context, { place, declared, digest, found: before?.digest, given: given[tag] });
    if (context.preview) continue;
    const manifest = await context.services.manifest(repository, digest);
    mediaTypes.set(tag, manifest.descriptor.mediaType);
    if (moves !== "never") moving.set(digest, [...(moving.get(digest) ?? []), tag]);
    else if (before) await repository.putManifest(manifest.bytes, manifest.descriptor.mediaType, { tag });
    else await versions.publish(tag, manifest);
  }
  if (firstAlias === undefined) await versions.confirm(context.signal);
  for (const [digest, aliases] of moving) {
    const { bytes, descriptor } = await context.services.manifest(repository, digest);
    await putTags(repository, bytes, descriptor.mediaType, aliases);
  }
  return mediaTypes;
}

async function putTags(
  repository: Repository,
  bytes: Buffer,
  mediaType: string,
  tags: readonly string[],
): Promise<void> {
  if (repository.putTags) return repository.putTags(bytes, mediaType, tags);
  for (const tag of tags) await repository.putManifest(bytes, mediaType, { tag });
}

/** A version as the tag of another is spelled, whose prefix it may lack. */
function spelledLike(tag: string, version = ""): string {
  return /^\d/.test(version) ? `${/^\D*/.exec(tag)?.[0] ?? ""}${version}` : version;
}

/** A tag that is not where it has to be. */
interface Change {
  readonly place: string;
  readonly declared: DeclaredTag;
  readonly digest: string;
  /** Digest that it has; undefined where there is no such tag. */
  readonly found: string | undefined;
  /** Digest that this resource gave it before. */
  readonly given: string | undefined;
}

/** Says what becomes of a tag, and warns where somebody else has changed it. */
function sayChange(context: ResourceContext, { place, declared, digest, found, given }: Change): void {
  const reference = `${place}:${declared.tag}`;
  if (given !== undefined && given !== found) {
    const back = context.preview ? "`pulumi up` puts it back" : "it is put back";
    const further = context.preview ? `\`pulumi up\` points it to ${digest}` : `it is pointed to ${digest}`;
    context.say(
      "warning",
      `${tagDrift(reference, declared.moves, found, given)}; ${digest === given ? back : further}`,
    );
  } else if (found !== undefined) {
    context.say("info", `${reference} ${context.preview ? "will move" : "moves"} from ${found} to ${digest}`);
  } else if (declared.moves === "never") {
    context.say("info", `${reference} ${context.preview ? "will be" : "is"} new: ${shortDigest(digest)}`);
  }
}
