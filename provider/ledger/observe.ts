import { stat } from "node:fs/promises";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { parseAddress } from "../../lib/oci/address";
import { CredentialsError, RegistryError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import { ReleaseDirectory } from "../../lib/release/directory";
import { releasesFolder } from "../../lib/release/layout";
import type { ResourceContext } from "../run/context";
import { isAccessRefused } from "../run/unobserved";
import { AliasHolders } from "../tags/alias-holder";
import { versionOf } from "../tags/tag-rules";
import { fileDrifts, gone, proofDrift, sayUnobserved, tagDrift, type Drift } from "./drift";
import {
  fileReference,
  watchedProofs,
  watchedReleases,
  watchedTags,
  type Entries,
  type Inputs,
  type WatchedProof,
  type WatchedRelease,
  type WatchedTag,
} from "./entries";
import { gitHubReleases } from "./github-list";

/**
 * Looks at what was published before: one request a tag, one for the proofs of an image in a
 * repository, one list a repository of GitHub. A place that cannot be asked is told once, and what
 * is known of it stays.
 *
 * @param before what is known to differ, by reference
 */
export async function observeEntries(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  before: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  const known = (reference: string, published: string) => before[reference] ?? published;
  const watched = [...watchedTags(inputs, entries), ...watchedProofs(inputs, entries)];
  const tagged = observeRepositories(context, inputs, watched, before);
  const places = grouped(watchedReleases(inputs, entries), ({ github }) => github);
  const released = [...places].map(async ([repository, releases]) => {
    if (repository === undefined) {
      return (await Promise.all(releases.map((release) => observeFolder(context, release)))).flat();
    }
    try {
      return await observeGitHub(context, repository, releases);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      sayUnobserved(context, `github.com/${repository}`, error);
      return releases.flatMap((release) =>
        fileDrifts(release, (name, published) => known(fileReference(release, name), published)),
      );
    }
  });
  return sorted(await Promise.all([tagged, ...released]));
}

/**
 * What the last observation found to differ, of what is still watched. Nothing is asked for but
 * aliases that were moved: they may belong to a version that this stack does not know.
 *
 * @param found what it found, by reference
 */
export async function foundDrifts(
  context: ResourceContext,
  inputs: Inputs,
  entries: Entries,
  found: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  const tags = watchedTags(inputs, entries).filter(({ reference }) => Object.hasOwn(found, reference));
  const fixed = tags.filter(({ alias }) => alias === undefined);
  const aliases = tags.filter(({ alias }) => alias !== undefined);
  return sorted([
    await observeRepositories(context, inputs, aliases, found),
    ...fixed.map((tag) => tagDrift(tag, found[tag.reference] ?? gone, tag.digest)),
    watchedProofs(inputs, entries)
      .filter(({ reference }) => Object.hasOwn(found, reference))
      .map(proofDrift),
    ...watchedReleases(inputs, entries).map((release) =>
      fileDrifts(release, (name, published) => found[fileReference(release, name)] ?? published),
    ),
  ]);
}

function sorted(drifts: readonly Drift[][]): Drift[] {
  return drifts.flat().sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** @param before what is known to differ, which stays where a registry cannot be asked */
async function observeRepositories(
  context: ResourceContext,
  { images }: Inputs,
  watched: readonly (WatchedTag | WatchedProof)[],
  before: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  // The first repository is of the registry that the others mirror, if it is still declared.
  const first = images[0] && hostOf(images[0].repository);
  const declared = new Set(images.map(({ repository }) => repository));
  const tagged = [...grouped(watched, ({ repository }) => repository)]
    .filter(([name]) => parseAddress(name).kind === "registry")
    .map(async ([name, own]) => {
      const [tags, proofs] = [own.filter(isTag), own.filter(isProof)];
      try {
        return await observeRepository(context, name, { tags, proofs, isMirror: hostOf(name) !== first });
      } catch (error) {
        // With the credentials of the program they are looked at again.
        if (isAccessRefused(error) && declared.has(name)) throw error;
        if (!(error instanceof RegistryError || error instanceof CredentialsError)) throw error;
        const { services } = context;
        if (!services.silent.isTold(await services.open(name), error)) sayUnobserved(context, name, error);
        return [
          ...tags.flatMap((tag) => tagDrift(tag, before[tag.reference] ?? tag.digest, tag.digest)),
          ...proofs.filter(({ reference }) => Object.hasOwn(before, reference)).map(proofDrift),
        ];
      }
    });
  return (await Promise.all(tagged)).flat();
}

function isTag(watched: WatchedTag | WatchedProof): watched is WatchedTag {
  return "tag" in watched;
}

function isProof(watched: WatchedTag | WatchedProof): watched is WatchedProof {
  return !isTag(watched);
}

/** What is looked at in one repository. */
interface WatchedRepository {
  readonly tags: readonly WatchedTag[];
  readonly proofs: readonly WatchedProof[];
  readonly isMirror: boolean;
}

async function observeRepository(
  context: ResourceContext,
  name: string,
  { tags, proofs, isMirror }: WatchedRepository,
): Promise<Drift[]> {
  const { services } = context;
  const { silent } = services;
  const repository = await services.open(name);
  const look = async () => {
    const holders = new AliasHolders(repository);
    const found = await Promise.all([
      ...tags.map((watched) => observeTag(repository, holders, watched)),
      ...[...grouped(proofs, ({ subject }) => subject)].map(([subject, own]) =>
        observeProofs(repository, subject, own),
      ),
    ]);
    return found.flat();
  };
  return isMirror ? silent.askMirror(repository, look) : silent.ask(repository, look);
}

function hostOf(address: string): string {
  return address.slice(0, address.indexOf("/"));
}

async function observeProofs(
  repository: Repository,
  subject: string,
  proofs: readonly WatchedProof[],
): Promise<Drift[]> {
  const listed = new Set((await repository.listReferrers(subject)).map(({ digest }) => digest));
  return proofs.filter(({ referrer }) => !listed.has(referrer)).map(proofDrift);
}

async function observeTag(
  repository: Repository,
  holders: AliasHolders,
  watched: WatchedTag,
): Promise<Drift[]> {
  const { tag, digest, alias } = watched;
  const found = (await repository.headManifest(tag))?.digest ?? gone;
  if (found === digest) return [];
  // An alias may have gone on to a higher version, which another stack or branch has released.
  const own = alias && versionOf(alias);
  const holder = own && (await holders.above(own, alias));
  return tagDrift(watched, found, holder?.digest ?? digest);
}

async function observeFolder(context: ResourceContext, release: WatchedRelease): Promise<Drift[]> {
  const { services } = context;
  const base = path.resolve(services.project, release.directory ?? "");
  // A checkout need not have the folder that another machine serves.
  if (!(await exists(path.join(base, releasesFolder)))) return [];
  const directory = new ReleaseDirectory(base, (file) => services.fileDigest(file));
  const files = await directory.files(release.tag);
  return fileDrifts(release, (name) => files?.[name]);
}

async function observeGitHub(
  context: ResourceContext,
  name: string,
  watched: readonly WatchedRelease[],
): Promise<Drift[]> {
  const listed = await gitHubReleases(context, name);
  return watched.flatMap((release) => {
    const found = listed.find(({ tag, draft }) => tag === release.tag && !draft);
    const assets = new Map(found?.assets.map((asset) => [asset.name, asset]));
    return fileDrifts(release, (name, published) => {
      const asset = assets.get(name);
      // A server that tells no digests tells no changes.
      return asset && (asset.digest ?? published);
    });
  });
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

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
