import { releaseFolders, releasesFolder } from "../../lib/release/layout";
import { matchesStars } from "../../lib/text/glob";
import { defined } from "../../lib/objects/defined";
import { dayOf } from "../../lib/text/day";
import { retiredVersions } from "../../lib/retention/versions";
import { bareVersion, compareVersions, parseVersion } from "../../lib/version/version";
import type { ListedVersion } from "../../lib/release/release-list";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import type { ledgerDefinition } from "../../resources/definitions/ledger";
import type { InputsOf, OutputsOf } from "../run/resource";
import {
  entryText,
  parseEntry,
  type PublishedProof,
  type PublishedRelease,
  type PublishedVersion,
} from "../../lib/release/published-version";

export type Inputs = InputsOf<typeof ledgerDefinition>;
export type Outputs = OutputsOf<typeof ledgerDefinition>;
/** What a ledger has noted. */
export interface Entries extends Pick<Outputs, "aliases"> {
  readonly versions: Readonly<Record<string, PublishedVersion>>;
}

/**
 * What a state has noted.
 *
 * @throws Error where somebody has edited it
 */
export function entriesOf({ versions, aliases }: Pick<Outputs, "versions" | "aliases">): Entries {
  // A state of before has values in the place of a text.
  const noted: Readonly<Record<string, string | PublishedVersion>> = versions;
  const parsed = Object.entries(noted).map(([version, entry]): [string, PublishedVersion] => [
    version,
    typeof entry === "string" ? parseEntry(entry, version) : entry,
  ]);
  return { versions: Object.fromEntries(parsed), aliases };
}

/** The same for the state. */
export function notedOf({ versions, aliases }: Entries): Pick<Outputs, "versions" | "aliases"> {
  const texts = Object.entries(versions).map(([version, entry]) => [version, entryText(entry)] as const);
  return { versions: Object.fromEntries(texts), aliases };
}

/** A tag that is looked at, and the digest that it was published with. */
export interface WatchedTag {
  /** `repository:tag`. */
  readonly reference: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Version that it was published for. */
  readonly version: string;
  /** What may have it since, where it is an alias. */
  readonly alias?: DeclaredTag;
}

/** A proof that is looked at. */
export interface WatchedProof extends PublishedProof {
  /** `repository@digest` of the referrer. */
  readonly reference: string;
  readonly repository: string;
  /** Digest of what it is of. */
  readonly subject: string;
  /** A tag that points to that, as `repository:tag`. */
  readonly of: string;
  readonly version: string;
}

/** A release that is looked at. */
export interface WatchedRelease extends PublishedRelease {
  readonly version: string;
}

/** What was noted, with what is published now. Nothing that was noted is left out. */
export function withPublished(before: Entries | undefined, desired: Inputs, now: Date): Entries {
  const { version, images, releases = [], catalogs = [] } = desired;
  const versions = { ...before?.versions };
  const aliases = { ...before?.aliases };
  const digests = new Map(
    images.flatMap((image) => fixedTags(image).map(([, digest]) => [image.repository, digest])),
  );
  for (const { repository, tags, pointers } of images) {
    const digest = digests.get(repository);
    for (const { tag, moves, ...alias } of tags) {
      // An alias that a higher version keeps is that one's.
      if (moves !== "highest" || digest === undefined || pointers[tag] !== digest) continue;
      aliases[`${repository}:${tag}`] = defined({ ...alias, digest });
    }
  }
  if (version === undefined) return { versions, aliases };
  const earlier = versions[version];
  const tags = Object.fromEntries(images.flatMap((image) => fixedTags(image)));
  const all = mergedReleases(earlier?.releases ?? [], releases);
  const proofs = { ...earlier?.proofs, ...proofsOf(desired, Object.values(tags)) };
  const entry: PublishedVersion = defined({
    published: earlier?.published ?? `${now.toISOString().slice(0, 19)}Z`,
    tags: { ...earlier?.tags, ...tags },
    proofs: Object.keys(proofs).length === 0 ? undefined : proofs,
    releases: all.length === 0 ? undefined : all,
    // What is published stays as it was listed.
    catalogs: earlier ? earlier.catalogs : catalogs.length === 0 ? undefined : catalogs,
  });
  return { versions: { ...versions, [version]: entry }, aliases };
}

/**
 * New versions with the time that a published list has of them: where the state is lost, what is
 * published is taken over as it is.
 */
export function withListedTimes(
  entries: Entries,
  before: Entries | undefined,
  listed: readonly ListedVersion[],
): Entries {
  const versions = Object.entries(entries.versions).map(([version, entry]): [string, PublishedVersion] => {
    const known = before?.versions[version] ? undefined : listed.find((one) => one.version === version);
    return [version, known && isSame(entry, known) ? { ...entry, published: known.published } : entry];
  });
  return { ...entries, versions: Object.fromEntries(versions) };
}

/** Returns whether a listed version has a place in common with a noted one, and the same there. */
function isSame({ tags, releases = [] }: PublishedVersion, listed: ListedVersion): boolean {
  const digests = listed.images.flatMap(({ repository, digest, tags: names }) =>
    names.flatMap((tag) => {
      const own = tags[`${repository}:${tag}`];
      return own === undefined ? [] : [own === digest];
    }),
  );
  const places = listed.releases.filter(({ tag, github }) =>
    releases.some((own) => own.tag === tag && own.github === github),
  );
  return digests.length + places.length > 0 && digests.every(Boolean);
}

/** The version tags of an image that are there, by reference. */
function fixedTags({ repository, tags, pointers }: Inputs["images"][number]): [string, string][] {
  return tags.flatMap(({ tag, moves }): [string, string][] => {
    const digest = pointers[tag];
    return moves === "never" && digest !== undefined ? [[`${repository}:${tag}`, digest]] : [];
  });
}

/** Proofs of what tags point to, by digest, in an order that does not depend on who told them. */
function proofsOf(
  { proofs = [] }: Inputs,
  digests: readonly string[],
): Record<string, readonly PublishedProof[]> {
  const found = [...new Set(digests)].sort().map((digest) => {
    const own = proofs
      .filter(({ subject }) => subject === digest)
      .map(({ kind, referrer }): PublishedProof => ({ kind, referrer }))
      .sort((a, b) => (`${a.kind} ${a.referrer}` < `${b.kind} ${b.referrer}` ? -1 : 1));
    return [digest, own] as const;
  });
  return Object.fromEntries(found.filter(([, own]) => own.length > 0));
}

/** Releases of a version: what is declared no more stays a part of it. */
function mergedReleases(
  before: readonly PublishedRelease[],
  now: readonly PublishedRelease[],
): PublishedRelease[] {
  const added = now.filter((release) => !before.some((one) => isSamePlace(one, release)));
  return [
    ...before.map((release) => {
      const same = now.find((one) => isSamePlace(one, release));
      return same ? withFiles(release, same.files) : release;
    }),
    ...added,
  ];
}

/** The size of a file that was replaced is another. */
function withFiles(before: PublishedRelease, files: PublishedRelease["files"]): PublishedRelease {
  const sizes = Object.entries(before.sizes ?? {}).filter(
    ([name]) => files[name] === undefined || files[name] === before.files[name],
  );
  const kept = sizes.length === 0 ? undefined : Object.fromEntries(sizes);
  return defined({ ...before, files: { ...before.files, ...files }, sizes: kept });
}

function isSamePlace(a: PublishedRelease, b: PublishedRelease): boolean {
  return a.directory === b.directory && a.github === b.github && a.tag === b.tag;
}

/** Tags of earlier versions, and of images that are declared no more, within the declared depth. */
export function watchedTags(inputs: Inputs, entries: Entries): WatchedTag[] {
  const { images, watch } = inputs;
  const declared = new Set(
    images.flatMap(({ repository, tags }) => tags.map(({ tag }) => `${repository}:${tag}`)),
  );
  const fixed = watchedVersions(inputs, entries).flatMap(([version, { tags }]) =>
    Object.entries(tags).map(([reference, digest]) => ({ ...splitReference(reference), digest, version })),
  );
  const aliases = Object.entries(entries.aliases).map(([reference, { digest, ...alias }]): WatchedTag => {
    const place = splitReference(reference);
    return {
      ...place,
      digest,
      version: alias.version ?? "",
      alias: { tag: place.tag, moves: "highest", ...alias },
    };
  });
  const givenUp = [...givenUpVersions(inputs.retired, entries.versions)].map(bareVersion);
  return [...fixed, ...aliases.filter(({ version }) => !givenUp.includes(bareVersion(version)))]
    .filter(({ reference }) => !declared.has(reference))
    .filter(({ tag }) => !isExcepted(watch, tag));
}

/** Proofs of the images that {@link watchedTags} has the version tags of: once a repository that has them. */
export function watchedProofs(inputs: Inputs, entries: Entries): WatchedProof[] {
  const found = new Map<string, WatchedProof>();
  for (const { reference: of, repository, digest: subject, version, alias } of watchedTags(inputs, entries)) {
    if (alias !== undefined) continue;
    for (const proof of entries.versions[version]?.proofs?.[subject] ?? []) {
      const reference = `${repository}@${proof.referrer}`;
      if (!found.has(reference))
        found.set(reference, { ...proof, reference, repository, subject, of, version });
    }
  }
  return [...found.values()];
}

/** Releases of earlier versions, within the declared depth. */
export function watchedReleases(inputs: Inputs, entries: Entries): WatchedRelease[] {
  const { releases = [] } = inputs;
  return watchedVersions(inputs, entries)
    .flatMap(([version, { releases: own = [] }]) => own.map((release) => ({ ...release, version })))
    .filter((release) => !releases.some((declared) => isSamePlace(declared, release)));
}

/** The version that is published now, and of the earlier ones as many as are declared. */
function watchedVersions(
  { version: own, watch, retired }: Inputs,
  { versions }: Entries,
): [string, PublishedVersion][] {
  const givenUp = givenUpVersions(retired, versions);
  const all = Object.entries(versions).filter(
    ([version]) => !isExcepted(watch, version) && !givenUp.has(version),
  );
  const earlier = all.filter(([version]) => version !== own).sort(latestFirst);
  return [...all.filter(([version]) => version === own), ...earlier.slice(0, watch?.versions)];
}

/** Versions that a declared retention removes, or has removed. */
function givenUpVersions(retired: Inputs["retired"], versions: Entries["versions"]): ReadonlySet<string> {
  if (retired === undefined) return new Set();
  const { notices, ...rule } = retired;
  const days = Object.entries(versions).map(
    ([version, { published }]) => [version, published.slice(0, 10)] as const,
  );
  return retiredVersions(Object.fromEntries(days), { rule, notices, on: dayOf(new Date()) });
}

/** The version that was published last; undefined before the first. */
export function latestVersion({ versions }: Pick<Entries, "versions">): string | undefined {
  return Object.entries(versions).sort(latestFirst)[0]?.[0];
}

/** By time, and within one second by version. */
function latestFirst(
  [aVersion, a]: [string, PublishedVersion],
  [bVersion, b]: [string, PublishedVersion],
): number {
  if (a.published !== b.published) return a.published < b.published ? 1 : -1;
  const [aParsed, bParsed] = [parseVersion(aVersion), parseVersion(bVersion)];
  return aParsed && bParsed ? compareVersions(bParsed, aParsed) : 0;
}

function isExcepted(watch: Inputs["watch"], text: string): boolean {
  return (watch?.except ?? []).some((pattern) => matchesStars(pattern, text, "everything"));
}

function splitReference(reference: string): { reference: string; repository: string; tag: string } {
  const colon = reference.lastIndexOf(":");
  return { reference, repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** Where a release is, for messages. */
export function placeOf({ directory, github, tag }: PublishedRelease): string {
  return github === undefined
    ? `${directory}/${releasesFolder}/${releaseFolders.files}/${tag}`
    : `github.com/${github} ${tag}`;
}

/** How a file of a release is called in `drift`. */
export function fileReference(release: PublishedRelease, name: string): string {
  return `${placeOf(release)}/${name}`;
}
