import { stat } from "node:fs/promises";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { releaseFolders, releasesFolder } from "../../lib/release/layout";
import type { ResourceContext } from "../run/context";
import type { Entries } from "./entries";
import { gitHubReleases } from "./github-list";
import type { PublishedRelease, PublishedVersion } from "../../lib/release/published-version";

/** What was noted, with the size of each file that is to be seen and had none. */
export async function withSizes(context: ResourceContext, entries: Entries): Promise<Entries> {
  const versions: [string, PublishedVersion][] = [];
  for (const [version, entry] of Object.entries(entries.versions)) {
    const { releases } = entry;
    const sized = releases && (await Promise.all(releases.map((release) => withOwnSizes(context, release))));
    versions.push([version, sized ? { ...entry, releases: sized } : entry]);
  }
  return { ...entries, versions: Object.fromEntries(versions) };
}

async function withOwnSizes(context: ResourceContext, release: PublishedRelease): Promise<PublishedRelease> {
  const { files, sizes = {} } = release;
  const missing = Object.keys(files).filter((name) => sizes[name] === undefined);
  if (missing.length === 0) return release;
  const found = await (release.github === undefined
    ? sizesInFolder(context, release, missing)
    : sizesOnGitHub(context, release, release.github, missing));
  const all = Object.entries({ ...sizes, ...Object.fromEntries(found) });
  return all.length === 0 ? release : { ...release, sizes: Object.fromEntries(all.sort()) };
}

async function sizesInFolder(
  { services }: ResourceContext,
  { directory = "", tag }: PublishedRelease,
  names: readonly string[],
): Promise<[string, number][]> {
  const folder = path.resolve(services.project, directory, releasesFolder, releaseFolders.files, tag);
  const found = names.map(async (name): Promise<[string, number][]> => {
    // A checkout need not have the folder that another machine serves.
    const size = await stat(path.join(folder, name)).then(
      (file) => (file.isFile() ? file.size : undefined),
      () => undefined,
    );
    return size === undefined ? [] : [[name, size]];
  });
  return (await Promise.all(found)).flat();
}

async function sizesOnGitHub(
  context: ResourceContext,
  { tag }: PublishedRelease,
  repository: string,
  names: readonly string[],
): Promise<[string, number][]> {
  const listed = await gitHubReleases(context, repository).catch((error: unknown) => {
    if (error instanceof GitHubError) return [];
    throw error;
  });
  const release = listed.find((one) => one.tag === tag);
  return (release?.assets ?? []).flatMap(({ name, size }): [string, number][] =>
    names.includes(name) ? [[name, size]] : [],
  );
}
