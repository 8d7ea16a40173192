import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { GitHubError } from "../../lib/github/errors";
import { parseGitHubRepository } from "../../lib/github/names";
import { publishRelease } from "../../lib/github/reconcile";
import type { ObservedRelease, Releases } from "../../lib/github/releases";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { collectBytes } from "../../lib/oci/collected-bytes";
import { downloadLimits } from "../../lib/release/download";
import { releaseListBundleName, releaseListName } from "../../lib/release/layout";
import { placeFile } from "../../lib/release/place-file";
import { newestStableTag } from "../../lib/version/version";
import { inFolderTurn } from "../release/folder-turn";
import type { ResourceContext } from "../run/context";
import { latestVersion, type Entries, type Inputs } from "./entries";
import { gitHubReleases } from "./github-list";

/** A file that is to be published, with its content in the cache of this folder. */
export interface ListFile {
  readonly name: string;
  readonly digest: string;
  readonly file: string;
}

/** A place that a list is published to. */
export interface ListPlace {
  /** As messages and the output `drift` name it. */
  readonly name: string;
  /**
   * Digest of a file that is there; `undefined` for none, and `unknown` where it cannot be there or
   * is not told.
   */
  digestOf(name: string): Promise<string | undefined | typeof notTold>;
  /** Content of a file that is there. */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * Makes files be there, in their order.
   *
   * @param withdrawn digests of files that were published and go, by name
   */
  place(files: readonly ListFile[], withdrawn: Readonly<Record<string, string>>): Promise<void>;
}

/** Stands for a digest that a place does not tell. */
export const notTold = Symbol("not told");

/** The places of what a program releases now. */
export function listPlaces(
  context: ResourceContext,
  { releases = [] }: Inputs,
  entries: Entries,
): ListPlace[] {
  const folders = new Set(releases.flatMap(({ directory }) => directory ?? []));
  const repositories = new Set(releases.flatMap(({ github }) => github ?? []));
  return [
    ...[...folders].map((folder) => new FolderPlace(context, folder)),
    ...[...repositories].flatMap((repository) => {
      const tag = listTag(entries, repository);
      return tag === undefined ? [] : [new GitHubPlace(context, repository, tag)];
    }),
  ];
}

/**
 * The release of a repository that has the list: that of the highest stable version, which GitHub
 * shows as the latest unless a program says otherwise; before there is one, the newest.
 */
function listTag({ versions }: Entries, repository: string): string | undefined {
  const released = Object.fromEntries(
    Object.entries(versions).flatMap(([version, entry]) => {
      const own = entry.releases?.find(({ github }) => github === repository);
      return own === undefined ? [] : [[version, { ...entry, tag: own.tag }] as const];
    }),
  );
  const newest = latestVersion({ versions: released });
  const stable = newestStableTag(Object.values(released).map(({ tag }) => tag));
  return stable ?? (newest === undefined ? undefined : released[newest]?.tag);
}

/** The root of a folder that releases are served from. */
class FolderPlace implements ListPlace {
  readonly name: string;
  private readonly base: string;

  constructor(
    private readonly context: ResourceContext,
    directory: string,
  ) {
    this.name = directory;
    this.base = path.resolve(context.services.project, directory);
  }

  async digestOf(name: string): Promise<string | undefined> {
    try {
      return await this.context.services.fileDigest(path.join(this.base, name));
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  }

  async read(name: string): Promise<Buffer | undefined> {
    return readFile(path.join(this.base, name)).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
  }

  async place(files: readonly ListFile[], withdrawn: Readonly<Record<string, string>>): Promise<void> {
    await inFolderTurn(this.context, this.base, async () => {
      for (const { name, digest, file } of files) {
        if ((await this.digestOf(name)) === digest) continue;
        await placeFile(path.join(this.base, name), { path: file }, digest);
      }
      for (const [name, digest] of Object.entries(withdrawn)) {
        if ((await this.digestOf(name)) === digest) await rm(path.join(this.base, name), { force: true });
      }
    });
  }
}

/** A release on GitHub. */
class GitHubPlace implements ListPlace {
  readonly name: string;

  constructor(
    private readonly context: ResourceContext,
    private readonly repository: string,
    private readonly tag: string,
  ) {
    this.name = `github.com/${repository} ${tag}`;
  }

  async digestOf(name: string): Promise<string | undefined | typeof notTold> {
    const release = await this.listed();
    const asset = release?.assets.find((one) => one.name === name && one.state === "uploaded");
    // What is immutable gets no further file.
    if (!asset) return release?.immutable ? notTold : undefined;
    return asset.digest ?? notTold;
  }

  async read(name: string): Promise<Buffer | undefined> {
    const asset = (await this.listed())?.assets.find((one) => one.name === name && one.state === "uploaded");
    if (!asset || asset.size > downloadLimits.textBytes) return undefined;
    const releases = await this.open();
    const content = await releases.client
      .download(`reading ${name} of ${this.name}`, releases.repository, asset.id)
      .catch((error: unknown) => {
        // Deleted since it was listed.
        if (error instanceof GitHubError && error.status === 404) return undefined;
        throw error;
      });
    if (content === undefined) return undefined;
    return collectBytes(
      content as AsyncIterable<Uint8Array>,
      downloadLimits.textBytes,
      () => new Error(`${name} of ${this.name} is larger than it says`),
    );
  }

  async place(files: readonly ListFile[], withdrawn: Readonly<Record<string, string>>): Promise<void> {
    const { signal } = this.context;
    const releases = await this.open();
    if ((await releases.find(this.tag))?.immutable) {
      this.context.say("info", `${this.name} is immutable, and gets no ${releaseListName}`);
      return;
    }
    const fileOf = new Map(files.map(({ name, file }) => [name, file]));
    await publishRelease(
      releases,
      {
        tag: this.tag,
        // Whichever release is the latest stays it.
        makeLatest: "legacy",
        assets: files.map(({ name, digest }) => ({
          name,
          digest,
          contentType: "application/json",
          replaceable: true,
        })),
      },
      { withdrawn, fileOf: async ({ name }) => fileOf.get(name) ?? "", signal },
    );
  }

  private async listed(): Promise<ObservedRelease | undefined> {
    const all = await gitHubReleases(this.context, this.repository);
    return all.find(({ tag, draft }) => tag === this.tag && !draft);
  }

  private async open(): Promise<Releases> {
    const { Releases: Opened } = await import("../../lib/github/releases.js");
    const client = await this.context.services.github.client(this.context.signal);
    return new Opened(client, parseGitHubRepository(this.repository));
  }
}

/** Names of the files of a list, the proof after what it is of. */
export const listFileNames = [releaseListName, releaseListBundleName] as const;
