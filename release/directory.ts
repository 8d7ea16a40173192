import { lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, isTemporaryName, temporaryName } from "../oci/atomic-file";
import { digestOf } from "../oci/digest";
import { Semaphore } from "../oci/mirror/semaphore";
import { placeFile } from "./place-file";
import { isStableTag, newestStable } from "./version-order";

/** A file of a release and where its content is. */
export interface ReleaseFile {
  readonly name: string;
  /** Absolute path of the content. */
  readonly path: string;
  readonly digest: string;
}

/** What is written beside the files of a release, as JSON. */
export interface ReleaseRecord {
  readonly tag: string;
  readonly title: string;
  readonly notes: string;
  readonly prerelease: boolean;
  /** Whether it may be the latest one. */
  readonly latest: boolean;
  readonly assets: readonly { readonly name: string; readonly digest: string }[];
}

/** Digest of a file, from a cache where it is unchanged. */
export type FileDigest = (absolutePath: string) => Promise<string>;

const recordName = "release.json";

/** Stands for what is at a file's path and is no file. */
const noFile = "not a file";

/**
 * Releases in a folder, laid out as the download URLs of a forge, for any static host:
 *
 * - `releases/download/TAG/FILE`: the files of a release; the folder appears with all of them at once
 * - `releases/tag/TAG/release.json`: title, notes and digests
 * - `releases/latest/download/FILE` and `releases/latest/release.json`: the same of the highest stable version
 *
 * What is under `latest` are files, not links: object stores, page hosts and copying tools do not agree on links. Each
 * file is replaced as a whole.
 */
export class ReleaseDirectory {
  /** @param base absolute folder that `releases` is in */
  constructor(
    private readonly base: string,
    private readonly fileDigest: FileDigest,
  ) {}

  /** Digests of the files of a release by name; undefined where there is no such release. */
  async files(tag: string): Promise<Record<string, string> | undefined> {
    return this.digests(this.at("download", tag));
  }

  /** Digest of the record of a release; undefined where there is none. */
  async recordDigest(tag: string): Promise<string | undefined> {
    return this.digestAt(this.at("tag", tag, recordName));
  }

  /** Tags of the releases that are here. */
  async tags(): Promise<string[]> {
    const names = await readdir(this.at("download")).catch(noneIfMissing);
    return names.filter((name) => !name.startsWith(".")).sort();
  }

  /** The highest stable version that may be the latest, `more` included; undefined where there is none. */
  async newest(more: Pick<ReleaseRecord, "tag" | "latest">): Promise<string | undefined> {
    const others: string[] = [];
    for (const tag of await this.tags()) {
      if (tag !== more.tag && isStableTag(tag) && (await this.mayBeLatest(tag))) others.push(tag);
    }
    return newestStable(more.latest ? [...others, more.tag] : others);
  }

  /** The release that `latest` is equal to: the given one, or none. */
  async latestEquals(tag: string): Promise<boolean> {
    const [latest, files] = [await this.digests(this.at("latest", "download")), await this.files(tag)];
    if (!latest || !files) return false;
    const names = Object.keys(files);
    return (
      Object.keys(latest).length === names.length &&
      names.every((name) => latest[name] === files[name]) &&
      (await this.digestAt(this.at("latest", recordName))) === (await this.recordDigest(tag))
    );
  }

  /**
   * Makes a release complete: a new one is prepared aside and appears with all of its files at once; of one that is there
   * only what is missing or differs is replaced.
   *
   * @param refuse told the digests of what is there; what it throws ends this before anything is placed
   * @throws DigestMismatchError where a file's content is not what its digest says
   * @throws Error where the release appears meanwhile
   */
  async publish(
    files: readonly ReleaseFile[],
    record: ReleaseRecord,
    refuse: (present: Record<string, string> | undefined) => void = () => undefined,
  ): Promise<void> {
    const folder = this.at("download", record.tag);
    const present = await this.files(record.tag);
    refuse(present);
    if (present) {
      await placeInOrder(
        folder,
        files.filter(({ name, digest }) => present[name] !== digest),
      );
    } else {
      await this.removeAbandoned();
      const prepared = path.join(path.dirname(folder), `.${path.basename(temporaryName(record.tag))}`);
      try {
        await mkdir(prepared, { recursive: true });
        await placeAll(prepared, files);
        await rename(prepared, folder).catch((error: NodeJS.ErrnoException) => {
          // The lock is the project's: another project with the same folder has its own.
          if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
          throw new Error(
            `${folder} has appeared meanwhile: another run published ${record.tag} at the same time. Run again: what is equal ` +
              "is kept, and what is not is named with both digests",
            { cause: error },
          );
        });
      } finally {
        await rm(prepared, { recursive: true, force: true });
      }
    }
    const bytes = recordBytes(record);
    await placeFile(this.at("tag", record.tag, recordName), { bytes }, digestOf(bytes));
  }

  /** Makes `latest` equal to a release: first what is new, then the record; in the end what is not of it goes. */
  async pointLatest(tag: string): Promise<void> {
    const files = (await this.files(tag)) ?? {};
    const folder = this.at("latest", "download");
    const present = (await this.digests(folder)) ?? {};
    const wanted = Object.entries(files).map(([name, digest]) => ({
      name,
      digest,
      path: this.at("download", tag, name),
    }));
    await placeInOrder(
      folder,
      wanted.filter(({ name, digest }) => present[name] !== digest),
    );
    const record = await this.recordDigest(tag);
    const target = this.at("latest", recordName);
    if (record !== undefined) await placeFile(target, { path: this.at("tag", tag, recordName) }, record);
    else await rm(target, { force: true });
    for (const name of Object.keys(present)) {
      if (!(name in files)) await rm(path.join(folder, name), { force: true, recursive: true });
    }
  }

  private async mayBeLatest(tag: string): Promise<boolean> {
    const text = await readFile(this.at("tag", tag, recordName), "utf8").catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    try {
      return text === undefined || (JSON.parse(text) as Partial<ReleaseRecord>).latest !== false;
    } catch {
      // A damaged record is that of a release all the same.
      return true;
    }
  }

  /** Removes what runs that were killed prepared and never published. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.at("download")).catch(noneIfMissing)) {
      if (name.startsWith(".") && isTemporaryName(name)) {
        await rm(this.at("download", name), { recursive: true, force: true });
      }
    }
  }

  private async digests(folder: string): Promise<Record<string, string> | undefined> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    if (!names) return undefined;
    const found: Record<string, string> = {};
    for (const name of names.filter((candidate) => !isTemporaryName(candidate)).sort()) {
      found[name] = (await this.digestAt(path.join(folder, name))) ?? noFile;
    }
    return found;
  }

  private async digestAt(file: string): Promise<string | undefined> {
    const found = await lstat(file).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    if (!found) return undefined;
    return found.isFile() ? this.fileDigest(file) : noFile;
  }

  private at(...parts: string[]): string {
    return path.join(this.base, "releases", ...parts);
  }
}

/** Bytes of a record: the same record always has the same. */
export function recordBytes(record: ReleaseRecord): Buffer {
  const { tag, title, notes, prerelease, latest } = record;
  const assets = [...record.assets]
    .map(({ name, digest }) => ({ name, digest }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.from(
    `${JSON.stringify({ tag, title, notes, prerelease, latest, assets }, undefined, 2)}\n`,
    "utf8",
  );
}

/** Files that are copied at once: more only wait for the disk. */
const parallelCopies = 4;

/** Places files in a folder, some at once. @throws what the first of them to fail throws, when none is on its way any more */
async function placeAll(folder: string, files: readonly ReleaseFile[]): Promise<void> {
  const slots = new Semaphore(parallelCopies);
  const place = (file: ReleaseFile) => placeFile(path.join(folder, file.name), file, file.digest);
  const results = await Promise.allSettled(files.map((file) => slots.use(() => place(file))));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Places sums and signatures after what they are of: whoever finds new sums finds the new files. */
async function placeInOrder(folder: string, files: readonly ReleaseFile[]): Promise<void> {
  const isProof = ({ name }: ReleaseFile) => /SUMS|\.(sha256|sig|asc|pem|bundle|sigstore\.json)$/i.test(name);
  await placeAll(
    folder,
    files.filter((file) => !isProof(file)),
  );
  await placeAll(folder, files.filter(isProof));
}

function noneIfMissing(error: unknown): string[] {
  if (isMissingFile(error)) return [];
  throw error;
}
