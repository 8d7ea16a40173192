import { stat } from "node:fs/promises";
import * as path from "node:path";
import { contentTypeOf, parseGitHubRepository } from "../../lib/github/names";
import { publishRelease } from "../../lib/github/reconcile";
import { DigestMismatchError } from "../../lib/oci/errors";
import { mirror } from "../../lib/oci/mirror";
import { placeFile } from "../../lib/release/place-file";
import { releaseFolders, releasesFolder } from "../../lib/release/layout";
import type { ResourceContext } from "../run/context";
import { listAgain } from "../trust/list-again";
import type { Drift } from "./drift";
import type { Entries, WatchedProof, WatchedRelease, WatchedTag } from "./entries";
import type { PublishedRelease } from "../../lib/release/published-version";

/**
 * Puts one thing back, from wherever its content still is.
 *
 * @throws Error saying why it cannot be
 */
export async function putBack(context: ResourceContext, entries: Entries, drift: Drift): Promise<void> {
  if (drift.tag) await putTagBack(context, entries, drift.tag, drift.wanted);
  else if (drift.proof) await putProofBack(context, entries, drift.proof);
  else if (drift.file) await putFileBack(context, entries, drift.file.release, drift.file.name, drift.wanted);
}

async function putTagBack(
  context: ResourceContext,
  entries: Entries,
  { repository: name, tag }: WatchedTag,
  digest: string,
): Promise<void> {
  const { services, signal } = context;
  const repository = await services.open(name);
  if (!(await repository.headManifest(digest))) {
    const others = placesWith(entries, digest).filter((place) => place !== name);
    if (others.length === 0) {
      throw new Error(`${digest} is no longer in ${name}, and no other place is known to have it`);
    }
    context.status(`fetching ${digest} for ${name}:${tag} from ${others.join(", ")}`);
    const sources = await Promise.all(others.map((place) => services.open(place)));
    await mirror({ sources, target: repository, digest, referrers: "all", run: services.mirrors, signal });
  }
  const { bytes, descriptor } = await services.manifest(repository, digest);
  await repository.putManifest(bytes, descriptor.mediaType, { tag });
}

/**
 * Lists a proof again where the repository has it, or fetches it from one that was given the same
 * image. It is not made again: only who is trusted may sign, and a signature of today says nothing
 * about that day.
 */
async function putProofBack(
  context: ResourceContext,
  entries: Entries,
  { repository: name, subject, referrer, version }: WatchedProof,
): Promise<void> {
  const { services, signal } = context;
  const repository = await services.open(name);
  const isListed = async () =>
    (await repository.listReferrers(subject)).some(({ digest }) => digest === referrer);
  // With an image that was put back its proofs have come too.
  if (await isListed()) return;
  await listAgain(repository, [{ subject, referrer }]);
  if (await isListed()) return;
  const again = `Check out ${version}, and run its program, which makes one again`;
  const others = placesWith(entries, subject).filter((place) => place !== name);
  if (others.length === 0) {
    throw new Error(
      `${referrer} is no longer in ${name}, and no other place is known to have ${subject}. ${again}`,
    );
  }
  context.status(`fetching what refers to ${subject} for ${name} from ${others.join(", ")}`);
  const sources = await Promise.all(others.map((place) => services.open(place)));
  await mirror({
    sources,
    target: repository,
    digest: subject,
    referrers: "all",
    run: services.mirrors,
    signal,
  });
  if (await isListed()) return;
  throw new Error(`${referrer} is no longer in ${name}, nor in ${others.join(", ")}. ${again}`);
}

/** Largest file that is kept in this folder's cache when it is published, in bytes. */
const mostKeptBytes = 2 ** 20;

/**
 * Keeps sums, signatures and SBOMs of release folders in the cache, which has the archives: what is
 * signed with a time cannot be made again.
 */
export async function keepSmallFiles(
  { services }: ResourceContext,
  releases: readonly PublishedRelease[],
): Promise<void> {
  for (const { directory, tag, files } of releases) {
    if (directory === undefined) continue;
    const folder = path.resolve(services.project, directory, releasesFolder, releaseFolders.files, tag);
    for (const [name, digest] of Object.entries(files)) {
      const kept = services.archives.pathOf(digest);
      if (await isFile(kept)) continue;
      const file = path.join(folder, name);
      const size = await stat(file).then(
        (found) => found.size,
        () => Infinity,
      );
      if (size > mostKeptBytes) continue;
      // A file that is changed meanwhile is not kept.
      await placeFile(kept, { path: file }, digest).catch((error: unknown) => {
        if (!(error instanceof DigestMismatchError)) throw error;
      });
    }
  }
}

/** Repositories that were given a version tag of a digest. */
function placesWith({ versions }: Entries, digest: string): string[] {
  const places = Object.values(versions)
    .flatMap(({ tags }) => Object.entries(tags))
    .filter(([, published]) => published === digest)
    .map(([reference]) => reference.slice(0, reference.lastIndexOf(":")));
  return [...new Set(places)];
}

async function putFileBack(
  context: ResourceContext,
  entries: Entries,
  release: WatchedRelease,
  name: string,
  digest: string,
): Promise<void> {
  const file = await copyOf(context, entries, name, digest);
  if (file === undefined) {
    throw new Error(
      `no other place has its content: it is in no release folder, not in dist and not in a public release. ` +
        `Check out ${release.version}, and run its program, which makes it again`,
    );
  }
  if (release.github !== undefined) return putAssetBack(context, release, name, digest, file);
  const { services } = context;
  const folder = path.resolve(services.project, release.directory ?? "", releasesFolder);
  await placeFile(path.join(folder, releaseFolders.files, release.tag, name), { path: file }, digest);
  await services.saveHashes();
}

async function putAssetBack(
  context: ResourceContext,
  { github = "", tag, files }: WatchedRelease,
  name: string,
  digest: string,
  file: string,
): Promise<void> {
  const { Releases } = await import("../../lib/github/releases.js");
  const client = await context.services.github.client(context.signal);
  const releases = new Releases(client, parseGitHubRepository(github));
  const asset = { name, digest, contentType: contentTypeOf(name), replaceable: false };
  await publishRelease(
    releases,
    // Whichever release is the latest stays it.
    { tag, makeLatest: "legacy", assets: [asset] },
    { published: files, fileOf: () => Promise.resolve(file), signal: context.signal },
  );
}

/**
 * A file with the content of a digest: in another release folder, under `latest`, in this folder's
 * cache, or downloaded from a release of GitHub that has it.
 */
async function copyOf(
  context: ResourceContext,
  { versions }: Entries,
  name: string,
  digest: string,
): Promise<string | undefined> {
  const { services } = context;
  const releases = Object.values(versions)
    .flatMap(({ releases: own = [] }) => own)
    .filter(({ files }) => files[name] === digest);
  const inFolders = releases.flatMap(({ directory, tag }) => {
    if (directory === undefined) return [];
    const folder = path.resolve(services.project, directory, releasesFolder);
    return [
      path.join(folder, releaseFolders.files, tag, name),
      path.join(folder, releaseFolders.latest, releaseFolders.files, name),
    ];
  });
  for (const file of [...inFolders, services.archives.pathOf(digest)]) {
    if (await hasDigest(context, file, digest)) return file;
  }
  for (const { github, tag } of releases) {
    if (github === undefined) continue;
    const { Releases } = await import("../../lib/github/releases.js");
    const client = await services.github.client(context.signal);
    const found = await new Releases(client, parseGitHubRepository(github)).find(tag);
    const asset = found?.assets.find((one) => one.name === name && (one.digest ?? digest) === digest);
    if (!asset) continue;
    const stored = await services.assets.fetch(
      { location: asset.downloadUrl, name, digests: [digest] },
      () => undefined,
      context.signal,
    );
    return path.resolve(services.project, stored.path);
  }
  return undefined;
}

async function hasDigest({ services }: ResourceContext, file: string, digest: string): Promise<boolean> {
  return (await isFile(file)) && (await services.fileDigest(file)) === digest;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
