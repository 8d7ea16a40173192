import { parseCalendarVersion, parseRevision, type Version } from "../../lib/version/version";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { Alias, AliasHolder } from "./alias-holder";
import { hasUnknown, unknown } from "../base/unknown";

/** Tags of one place that are for one digest. */
export interface TagList {
  /** Repository, for messages and to tell one place from another. */
  readonly place: string;
  readonly digest: string;
  readonly tags: readonly DeclaredTag[];
}

/** The digest that each tag has to have, and the higher version that keeps an alias. */
export interface DesiredPointers {
  pointers: Record<string, string>;
  heldBy: Record<string, string>;
}

/** Pointers of a preview, which names each tag although what it will point to is not built yet. */
export function unknownPointers(tags: readonly DeclaredTag[]): Record<string, string> {
  return hasUnknown(tags) ? unknown : Object.fromEntries(tags.map(({ tag }) => [tag, unknown]));
}

/**
 * Returns whether an alias stays where it is, whatever is published: it is of the highest stable
 * version, and this is a pre-release.
 */
export function staysForPreRelease(tag: DeclaredTag): boolean {
  return tag.moves === "highest" && versionOf(tag)?.stable === false;
}

/**
 * Refuses tags that are listed twice and rules that contradict themselves.
 *
 * @param pathOf path of a field of the tag at an index
 * @param preReleases whether an alias may be declared for a pre-release, which leaves it where it is
 * @throws InputError
 */
export function checkTagRules(
  tags: readonly DeclaredTag[],
  pathOf: (index: number, field: keyof DeclaredTag) => string = (index, field) => `tags[${index}].${field}`,
  preReleases = false,
): void {
  const findings = tags.flatMap((tag, index): Finding[] => {
    const finding = (field: keyof DeclaredTag, reason: string) => [
      { property: pathOf(index, field), reason },
    ];
    if (tags.findIndex((other) => other.tag === tag.tag) !== index)
      return finding("tag", `${JSON.stringify(tag.tag)} is listed twice: leave one of them out`);
    if (tag.moves !== "highest") return [];
    const own = versionOf(tag);
    if (!own) {
      return finding(
        "version",
        `${JSON.stringify(tag.version)} is not a ${tag.calendar ? "calendar" : "semantic"} version, which moves: ` +
          `"highest" needs (a valid example: ${tag.calendar ? '"2022.04.1"' : '"v1.2.3"'})`,
      );
    }
    if (!own.stable && !preReleases) {
      return finding(
        "version",
        `${JSON.stringify(tag.version)} is a pre-release, which an alias of the highest stable ` +
          'version does not take (a valid example: "v1.2.3")',
      );
    }
    if (tag.within && !own.version.startsWith(`${tag.within}.`)) {
      return finding(
        "within",
        `${JSON.stringify(tag.within)} does not include the version ` +
          `${JSON.stringify(tag.version)} (a valid example: ` +
          `${JSON.stringify(own.version.split(".", 2).join("."))})`,
      );
    }
    return [];
  });
  if (findings.length > 0) throw new InputError(findings);
}

/**
 * A version that was published under one digest is not published under another (the old inputs are
 * what was).
 *
 * @throws InputError with both digests
 */
export function refuseRepublished(old: TagList | undefined, desired: TagList): void {
  if (old?.place !== desired.place || old.digest === desired.digest) return;
  const fixed = old.tags.filter(({ moves }) => moves === "never").map(({ tag }) => tag);
  const again = desired.tags.filter(({ tag, moves }) => moves === "never" && fixed.includes(tag));
  if (again.length === 0) return;
  const reasons = again.map(({ tag }) => versionExists(desired, tag, old.digest));
  throw new InputError([{ property: "digest", reason: reasons.join("\n") }]);
}

/**
 * Refuses version tags that exist with another digest.
 *
 * @param existing digest that a tag has in its place
 * @param verb what the program does to come to its digest
 * @throws Error with both digests of each
 */
export function refuseMovedVersions(
  desired: TagList,
  existing: (tag: string) => string | undefined,
  verb = "makes",
): void {
  const reasons = desired.tags.flatMap(({ tag, moves }) => {
    const published = existing(tag);
    const moved = moves === "never" && published !== undefined && published !== desired.digest;
    return moved ? [versionExists(desired, tag, published, verb)] : [];
  });
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}

function versionExists({ place, digest }: TagList, tag: string, published: string, verb = "makes"): string {
  return (
    `${place}:${tag} is published as ${published}, and this program ${verb} ${digest}. A ` +
    "version tag never moves. Release the change under a new version, or go back to the " +
    `sources of ${tag}.`
  );
}

/**
 * The digest that each tag has to have: that of the list, or that of a higher version which keeps
 * an alias, so that a patch of an old line, or another branch's stack, does not take it.
 */
export async function desiredPointers(
  { tags, digest }: Pick<TagList, "tags" | "digest">,
  holderOf: (own: Version, alias: Alias) => Promise<AliasHolder | undefined>,
): Promise<DesiredPointers> {
  const desired: DesiredPointers = { pointers: {}, heldBy: {} };
  for (const tag of tags) {
    const own = tag.moves === "highest" ? versionOf(tag) : undefined;
    const holder = own && (await holderOf(own, tag));
    // A pre-release makes no alias where no stable version has it.
    if (holder || own?.stable !== false) desired.pointers[tag.tag] = holder?.digest ?? digest;
    if (holder) desired.heldBy[tag.tag] = holder.tag;
  }
  return desired;
}

/** Tags in the order in which they are set: what may move only when what never moves is there. */
export function fixedFirst<T extends Pick<DeclaredTag, "moves">>(tags: readonly T[]): T[] {
  const order = ({ moves }: T) => (moves === "never" ? 0 : 1);
  return [...tags].sort((a, b) => order(a) - order(b));
}

/** The version that an alias is declared to be of: a number after it can only be its revision. */
export function versionOf({
  version,
  calendar,
}: Pick<DeclaredTag, "version" | "calendar">): Version | undefined {
  if (version === undefined) return undefined;
  return calendar ? parseCalendarVersion(version) : parseRevision(version);
}
