import * as path from "node:path";
import type { RunCli } from "../lib/display/shown-run";
import { inOrder, type ReleaseStatus } from "../lib/display/release-status";
import { defined } from "../lib/objects/defined";
import { openRepository, parseAddress } from "../lib/oci/address";
import { RegistryClient } from "../lib/oci/registry/client";
import { briefRetryPolicy } from "../lib/oci/transport/retry-policy";
import { listedAddress } from "../lib/page/default-texts";
import type { ListedRelease, PageFacts } from "../lib/page/page-facts";
import { readAllContents } from "../lib/page/read-contents";
import { releasePlace } from "../lib/page/release-place";
import { isUrl } from "../lib/release/download";
import { listedVersions } from "../lib/release/listed-versions";
import type { PublishedVersion } from "../lib/release/published-version";
import { newestFirst, type ListedVersion } from "../lib/release/release-list";
import { publishedVersions } from "../lib/release/stack-versions";
import { listedStatus } from "../lib/served/listed-status";
import type { Values } from "./command";
import { statusOfStack } from "./commands/status";
import { exportedState } from "./exported-state";
import { projectFolder } from "./project-folder";
import { PublishedRepositories } from "./published-repositories";
import { readReleaseList } from "./release-list";

/** What was said on the command line. */
export type AskedPage = Omit<
  PageFacts,
  "name" | "versions" | "contents" | "status" | "looked" | "addressOf" | "placesOf"
> & {
  readonly name: string | undefined;
  /** Where the folder of releases is served, with a slash at the end. */
  readonly downloads: string | undefined;
};

/** What pages are made of, and whether all could be looked at; without facts the engine has not even begun. */
export interface FoundFacts {
  readonly facts: PageFacts | undefined;
  readonly code: 0 | 1;
}

/**
 * What a published list has, as anybody can see it.
 *
 * @throws SetupError for a list that cannot be read
 */
export async function factsOfList(
  list: string,
  { name, downloads, ...asked }: AskedPage,
): Promise<FoundFacts> {
  const { versions, base } = await readReleaseList(list);
  const told = versions.slice(0, asked.told);
  // A list of somebody else gets no credentials, nor does a helper of them run for a host that it names.
  const registryClient = new RegistryClient({ retry: briefRetryPolicy, anonymous: isUrl(list) });
  try {
    const [status, contents] = await Promise.all([
      listedStatus(told, { base, github: process.env.GITHUB_SERVER_URL }),
      readAllContents(told, async (repository, work) => {
        const address = parseAddress(repository);
        // Who wrote the list names no file of this machine.
        if (address.kind !== "registry") throw new Error(`${repository} is in no registry`);
        return work(await openRepository(address, { registryClient, baseDirectory: "/" }));
      }),
    ]);
    const facts: PageFacts = {
      ...asked,
      name: name ?? nameOf(versions),
      versions,
      contents,
      status,
      looked: now(),
      addressOf: listedAddress(downloads ?? base),
      placesOf: (release) => [releasePlace(release)],
    };
    return { facts, code: isWhole(status) ? 0 : 1 };
  } finally {
    await registryClient.close();
  }
}

/** What a stack has published, with a look of the engine at all of it. @throws SetupError */
export async function factsOfStack(
  run: RunCli,
  values: Values,
  { name, downloads, ...asked }: AskedPage,
): Promise<FoundFacts> {
  const project = projectFolder(values.cwd);
  const { status: own, code, subject } = await statusOfStack(run, values);
  if (own === undefined) return { facts: undefined, code };
  const exported = await exportedState(
    run,
    project,
    typeof values.stack === "string" ? values.stack : undefined,
  );
  const noted = publishedVersions(exported);
  const versions = listedVersions(noted).sort(newestFirst);
  const told = versions.slice(0, asked.told);
  const repositories = new PublishedRepositories(project, briefRetryPolicy);
  try {
    const [earlier, contents] = await Promise.all([
      earlierStatus(
        project,
        noted,
        told.filter((version) => !isIn(own, version)),
      ),
      readAllContents(told, (repository, work) => repositories.read(repository, work)),
    ]);
    const status = {
      rows: inOrder([...own.rows, ...earlier.flatMap(({ rows }) => rows)]),
      errors: own.errors,
      looked: own.looked + earlier.reduce((sum, { looked }) => sum + looked, 0),
    };
    const facts: PageFacts = defined({
      ...asked,
      name: name ?? subject,
      versions,
      contents,
      status,
      looked: now(),
      addressOf: listedAddress(downloads),
      placesOf: (release: ListedRelease) => [releasePlace(release), ...foldersOf(noted, release)],
    });
    return { facts, code: code === 0 && isWhole(status) ? 0 : 1 };
  } finally {
    await repositories.close();
  }
}

/** Whether a status has the tags and files of a version: it is the one that the state declares. */
function isIn({ rows }: ReleaseStatus, { images, releases }: ListedVersion): boolean {
  const known = new Set(rows.map(({ place, name }) => `${place} ${name}`));
  if (images.length === 0)
    return releases.some(({ tag, assets: [asset] }) =>
      rows.some(
        ({ kind, place, name }) => kind === "file" && name === asset?.name && place.endsWith(` ${tag}`),
      ),
    );
  return images.every(({ repository, tags }) => tags.every((tag) => known.has(`${repository} ${tag}`)));
}

/** Versions before the one that the state declares are asked for where they are: each folder by itself. */
function earlierStatus(
  project: string,
  noted: Readonly<Record<string, PublishedVersion>>,
  versions: readonly ListedVersion[],
): Promise<ReleaseStatus[]> {
  return Promise.all(
    versions.map((version) => {
      const [folder = "."] = (noted[version.version]?.releases ?? []).flatMap(
        ({ directory }) => directory ?? [],
      );
      return listedStatus([version], {
        base: path.resolve(project, folder),
        github: process.env.GITHUB_SERVER_URL,
      });
    }),
  );
}

/** What a stack's own status calls the folders of a release: with the name that they have in the project. */
function foldersOf(
  noted: Readonly<Record<string, PublishedVersion>>,
  { github, tag }: ListedRelease,
): string[] {
  if (github !== undefined) return [];
  const all = Object.values(noted).flatMap(({ releases = [] }) => releases);
  return all.flatMap((one) =>
    one.tag === tag && one.directory !== undefined ? [`${one.directory} ${tag}`] : [],
  );
}

function nameOf([newest]: readonly ListedVersion[]): string {
  const github = newest?.releases.find((release) => release.github !== undefined)?.github;
  return github ?? newest?.images[0]?.repository ?? "Releases";
}

function isWhole({ rows }: ReleaseStatus): boolean {
  return rows.every(({ state }) => state !== "unknown");
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
