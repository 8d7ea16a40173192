import { stat } from "node:fs/promises";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { parseGitHubRepository } from "../../lib/github/names";
import type { ObservedRelease } from "../../lib/github/releases";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { parseAddress } from "../../lib/oci/address";
import { shortDigest } from "../../lib/oci/digest";
import { CredentialsError, RegistryError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import { ReleaseDirectory } from "../../lib/release/directory";
import type { ResourceContext } from "../run/context";
import { isAccessRefused } from "../run/unobserved";
import { AliasHolders } from "../tags/alias-holder";
import { versionOf } from "../tags/tag-rules";
import {
  fileReference,
  placeOf,
  watchedReleases,
  watchedTags,
  type Entries,
  type Inputs,
  type WatchedRelease,
  type WatchedTag,
} from "./entries";

/** What is found instead of a digest where there is nothing. */
export const gone = "gone";

/** A tag or file that is not as it was published. */
export interface Drift {
  /** As it stands in the output `drift`. */
  readonly reference: string;
  /** What it is instead: a digest, or {@link gone}. */
  readonly found: string;
  /** Digest that it should have. */
  readonly wanted: string;
  readonly version: string;
  readonly tag?: WatchedTag;
  readonly file?: { readonly release: WatchedRelease; readonly name: string };
}

/**
 * Looks at what was published before: one request a tag, one list a repository of GitHub. A place
 * that cannot be asked is told once, and what is known of it stays.
 *
 * @param before what is known to differ, by reference
 */
export async function observeEntries(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  before: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  const tags = watchedTags(inputs, entries).filter(
    ({ repository }) => parseAddress(repository).kind === "registry",
  );
  const own = new Set(inputs.images.map(({ repository }) => repository));
  const kept = (reference: string, wanted: string, version: string): Drift[] => {
    const found = before[reference];
    return found === undefined ? [] : [{ reference, found, wanted, version }];
  };
  const tagged = [...grouped(tags, ({ repository }) => repository)].map(async ([name, some]) => {
    try {
      return await observeTags(context, name, some);
    } catch (error) {
      // With the credentials of the program they are looked at again.
      if (isAccessRefused(error) && own.has(name)) throw error;
      if (!(error instanceof RegistryError || error instanceof CredentialsError)) throw error;
      sayUnobserved(context, name, error);
      return some.flatMap((tag) =>
        kept(tag.reference, tag.digest, tag.version).map((drift) => ({ ...drift, tag })),
      );
    }
  });
  const releases = watchedReleases(inputs, entries);
  const inFolders = releases
    .filter(({ github }) => github === undefined)
    .map((release) => observeFolder(context, release));
  const listed = [
    ...grouped(
      releases.filter(({ github }) => github !== undefined),
      ({ github }) => github ?? "",
    ),
  ].map(async ([name, some]) => {
    try {
      return await observeGitHub(context, name, some);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      sayUnobserved(context, `github.com/${name}`, error);
      return some.flatMap((release) =>
        Object.entries(release.files).flatMap(([file, digest]) =>
          kept(fileReference(release, file), digest, release.version).map((drift) => ({
            ...drift,
            file: { release, name: file },
          })),
        ),
      );
    }
  });
  const drifts = (await Promise.all([...tagged, ...inFolders, ...listed])).flat();
  return drifts.sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

function sayUnobserved(context: ResourceContext, place: string, error: Error): void {
  context.say(
    "warning",
    `${place}: whether its earlier versions are as they were published is not known. ${error.message.split("\n")[0]}`,
  );
}

async function observeTags(
  context: ResourceContext,
  name: string,
  tags: readonly WatchedTag[],
): Promise<Drift[]> {
  const { services } = context;
  const repository = await services.open(name);
  return services.silent.ask(repository, async () => {
    const holders = new AliasHolders(repository);
    const found = await Promise.all(tags.map((watched) => observeTag(repository, holders, watched)));
    return found.flat();
  });
}

async function observeTag(
  repository: Repository,
  holders: AliasHolders,
  watched: WatchedTag,
): Promise<Drift[]> {
  const { reference, tag, digest, version, alias } = watched;
  const found = (await repository.headManifest(tag))?.digest ?? gone;
  if (found === digest) return [];
  // An alias may have gone on to a higher version, which another stack or branch has released.
  const own = alias && versionOf(alias);
  const holder = own && (await holders.above(own, alias));
  const wanted = holder?.digest ?? digest;
  return found === wanted ? [] : [{ reference, found, wanted, version, tag: watched }];
}

async function observeFolder(context: ResourceContext, release: WatchedRelease): Promise<Drift[]> {
  const { services } = context;
  const base = path.resolve(services.project, release.directory ?? "");
  // A checkout need not have the folder that another machine serves.
  if (!(await exists(path.join(base, "releases")))) return [];
  const directory = new ReleaseDirectory(base, (file) => services.fileDigest(file));
  return differing(release, (await directory.files(release.tag)) ?? {});
}

async function observeGitHub(
  context: ResourceContext,
  name: string,
  watched: readonly WatchedRelease[],
): Promise<Drift[]> {
  const listed = await gitHubReleases(context, name);
  return watched.flatMap((release) => {
    const found = listed.find(({ tag, draft }) => tag === release.tag && !draft);
    const digests = (found?.assets ?? []).map((asset) => [asset.name, asset.digest ?? ""] as const);
    // A server that tells no digests tells no changes.
    return differing(release, Object.fromEntries(digests)).filter(({ found: digest }) => digest !== "");
  });
}

/** All releases of a repository of GitHub: one list a run. */
function gitHubReleases(context: ResourceContext, name: string): Promise<ObservedRelease[]> {
  return context.run.once(`releases of github.com/${name}`, async () => {
    const { Releases } = await import("../../lib/github/releases.js");
    const releases = new Releases(
      await context.services.github.client(context.signal),
      parseGitHubRepository(name),
    );
    return releases.list();
  });
}

function differing(release: WatchedRelease, digests: Readonly<Record<string, string>>): Drift[] {
  return Object.entries(release.files)
    .filter(([name, digest]) => digests[name] !== digest)
    .map(([name, digest]) => ({
      reference: fileReference(release, name),
      found: digests[name] ?? gone,
      wanted: digest,
      version: release.version,
      file: { release, name },
    }));
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (isMissingFile(error)) return false;
      throw error;
    },
  );
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/**
 * What is not as it was published, in one sentence. Of a version tag that was moved, which is an
 * alarm, with whole digests.
 */
export function driftSentence({ reference, found, wanted, version, tag, file }: Drift): string {
  const what = file ? `${file.name} in ${placeOf(file.release)}` : reference;
  if (found === gone) return `somebody deleted ${what}, published with ${version} as ${shortDigest(wanted)}`;
  if (file) return `somebody changed ${what} to ${shortDigest(found)}, published as ${shortDigest(wanted)}`;
  if (tag?.alias) return `somebody moved ${what} to ${shortDigest(found)} from ${shortDigest(wanted)}`;
  return `somebody MOVED THE VERSION TAG ${what} to ${found}, and ${version} was published as ${wanted}`;
}
