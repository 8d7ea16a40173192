import type { Repository } from "../../lib/oci/repository";
import { matchesStars } from "../../lib/text/glob";
import {
  compareVersions,
  isStableWithin,
  parseCalendarVersion,
  parseRevision,
  parseVersion,
  type Version,
} from "../../lib/version/version";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";

/** A published version and its digest. */
export interface AliasHolder {
  tag: string;
  digest: string;
}

/** What of an alias decides which versions compete for it. */
export type Alias = Pick<DeclaredTag, "tag" | "within" | "component" | "revisions" | "calendar" | "except">;

/**
 * How many rebuilds of one version, newest first, are compared with its aliases: a project may push
 * a dated build every night.
 */
const mostRebuilds = 20;

/**
 * Finds the versions that keep aliases, for the tags of one resource: the repository's tags are
 * listed once.
 */
export class AliasHolders {
  private tags: Promise<string[]> | undefined;
  private readonly digests = new Map<string, Promise<string | undefined>>();

  constructor(private readonly repository: Repository) {}

  /**
   * The version that keeps an alias from `own`: the highest stable one in its range, where it is
   * higher and there; from a pre-release whatever it is. A registry may list tags that are gone, so each is asked for.
   */
  async above(own: Version, alias: Alias): Promise<AliasHolder | undefined> {
    this.tags ??= this.repository.listTags();
    const tags = (await this.tags).filter((tag) => !isExcepted(tag, alias));
    for (const version of competing(tags, alias)) {
      if (own.stable && compareVersions(version, withoutRevision(own)) < 0) break;
      const hasRebuilds = !alias.revisions && !alias.calendar;
      const rebuilds = hasRebuilds ? rebuildsOf(version, tags, alias) : [];
      // Neither it nor a rebuild of it can be higher, wherever it points to.
      if (own.stable && rebuilds.length === 0 && compareVersions(version, own) <= 0) continue;
      const digest = await this.digestOf(version.text);
      if (digest === undefined) continue;
      const rebuild = await this.rebuild(version, digest, rebuilds, alias);
      const holder = rebuild ?? version;
      if (own.stable && compareVersions(holder, own) <= 0) continue;
      return { tag: holder.text, digest: (await this.digestOf(holder.text)) ?? digest };
    }
    return undefined;
  }

  /**
   * The rebuild of a version that has its aliases. Eight digits after a version are a date or a
   * pre-release: a nightly build of what is to be 1.3.0 is written as a rebuild of 1.3.0 is. Only a
   * declared rebuild has ever been given an alias.
   */
  private async rebuild(
    version: Version,
    digest: string,
    rebuilds: readonly Version[],
    alias: Alias,
  ): Promise<Version | undefined> {
    if (rebuilds.length === 0) return undefined;
    const aliases = await Promise.all(
      [...new Set([alias.tag, ...aliasesOf(version, alias)])].map((tag) => this.digestOf(tag)),
    );
    const others = new Set(aliases.filter((found) => found !== undefined && found !== digest));
    if (others.size === 0) return undefined;
    for (const rebuild of rebuilds) {
      if (others.has(await this.digestOf(rebuild.text))) return rebuild;
    }
    return undefined;
  }

  private digestOf(tag: string): Promise<string | undefined> {
    const known = this.digests.get(tag) ?? this.repository.headManifest(tag).then((found) => found?.digest);
    this.digests.set(tag, known);
    return known;
  }
}

/** Versions that an alias may be of, the highest first. */
export function competing(tags: readonly string[], alias: Alias): Version[] {
  const { within, revisions, calendar } = alias;
  const parse = calendar ? parseCalendarVersion : revisions ? parseRevision : parseVersion;
  return tags
    .flatMap((tag) => ofComponent(tag, alias, parse) ?? [])
    .filter((version) => isStableWithin(version, within ?? ""))
    .sort((a, b) => compareVersions(b, a));
}

/** Returns whether a tag is left out of what an alias is compared with. */
export function isExcepted(tag: string, { except = [] }: Alias): boolean {
  return except.some((pattern) => matchesStars(pattern, tag, "everything"));
}

/** Reads the version of a tag, whose text is the whole tag; undefined for another component's. */
function ofComponent(
  tag: string,
  { component = "" }: Alias,
  parse: (text: string) => Version | undefined,
): Version | undefined {
  const parsed = tag.startsWith(component) ? parse(tag.slice(component.length)) : undefined;
  return parsed && { ...parsed, text: tag };
}

/** The rebuilds of a version among tags, newest first. */
export function rebuildsOf(version: Version, tags: readonly string[], alias: Alias): Version[] {
  return tags
    .flatMap((tag) => rebuildOf(version, tag, alias) ?? [])
    .sort((a, b) => compareVersions(b, a))
    .slice(0, mostRebuilds);
}

function rebuildOf(version: Version, tag: string, alias: Alias): Version | undefined {
  if (!/-\d{8}$/.test(tag)) return undefined;
  const parsed = ofComponent(tag, alias, parseRevision);
  return parsed?.revision !== undefined && parsed.version === version.version ? parsed : undefined;
}

function withoutRevision({ revision: _, ...version }: Version): Version {
  return version;
}

/** Aliases as the rule `semverTags` names them, written as the version is. */
function aliasesOf({ text, major, minor }: Version, { component = "" }: Alias): string[] {
  const prefix = `${component}${text.slice(component.length).startsWith("v") ? "v" : ""}`;
  return [`${component}latest`, `${prefix}${major}.${minor}`, `${prefix}${major}`];
}
