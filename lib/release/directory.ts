import { lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, isTemporaryName, temporaryName } from "../machine/atomic-file";
import { digestOf } from "../oci/digest";
import { DigestMismatchError } from "../oci/errors";
import { Semaphore } from "../machine/semaphore";
import { checkDigest } from "../oci/reference";
import { fileNameProblem } from "../text/file-name";
import { recordName, releaseFolders, releasesFolder } from "./layout";
import { placeFile } from "./place-file";
import { newestStableTag, prefixOfTag, versionOfTag } from "../version/version";

/** A file of a release and where its content is. */
export interface ReleaseFile {
  readonly name: string;
  /** Absolute path of the content. */
  readonly path: string;
  readonly digest: string;
}

/** Record beside the files of a release, as JSON. */
export interface ReleaseRecord {
  readonly tag: string;
  readonly title: string;
  readonly notes: string;
  readonly prerelease: boolean;
  /** Whether it may be the latest one. */
  readonly latest: boolean;
  readonly assets: readonly { readonly name: string; readonly digest: string }[];
}

/** Options of {@link ReleaseDirectory.publish}. */
export interface PublishOptions {
  /**
   * Told the digests of what is there; what it throws ends the publication before anything is
   * placed.
   */
  readonly refuse?: (present: Record<string, string> | undefined) => void;
  /** Files that the release had and has no more; they go once the record does not list them. */
  readonly withdrawn?: readonly { readonly name: string; readonly digest: string }[];
}

/** Digest of a file, from a cache where it is unchanged. */
export type FileDigest = (absolutePath: string) => Promise<string>;

/** Most slashes and one more that a tag can have here: what is deeper is not looked at. */
const mostSegments = 16;

/** Stands for what is at a file's path and is no file. */
const noFile = "not a file";

/**
 * Releases in a folder, laid out as the download URLs of a forge, for any static host:
 *
 * - `releases/download/TAG/FILE`: the files of a release; the folder appears with all of them at
 *   once
 * - `releases/tag/TAG/release.json`: title, notes and digests
 * - `releases/latest/download/FILE` and `releases/latest/release.json`: the same of the highest
 *   stable version
 *
 * What is under `latest` are files, not links: object stores, page hosts and copying tools do not
 * agree on links. Each file is replaced as a whole. A release is what its record lists: what else
 * lies in its folder is served from there, and never copied to `latest`.
 */
export class ReleaseDirectory {
  /** @param base absolute folder that `releases` is in */
  constructor(
    private readonly base: string,
    private readonly fileDigest: FileDigest,
  ) {}

  /** Digests of the files of a release by name; undefined where there is no such release. */
  async files(tag: string): Promise<Record<string, string> | undefined> {
    return this.digests(this.at(releaseFolders.files, tag));
  }

  /** Digest of the record of a release; undefined where there is none. */
  async recordDigest(tag: string): Promise<string | undefined> {
    return this.digestAt(this.at(releaseFolders.records, tag, recordName));
  }

  /** Tags of the releases that are here: of those that have a record. */
  async tags(): Promise<string[]> {
    return (await this.tagsBelow([])).sort();
  }

  /**
   * The highest stable version that may be the latest, `more` included; undefined where there is
   * none. Versions are compared with those of the same prefix, as `cli/` of `cli/v1.2.3`: a release
   * without one takes latest from any, and one with a prefix from none but its own.
   */
  async newest(more: Pick<ReleaseRecord, "tag" | "latest">): Promise<string | undefined> {
    const others: string[] = [];
    for (const tag of await this.tags()) {
      if (tag !== more.tag && versionOfTag(tag)?.stable && (await this.mayBeLatest(tag))) others.push(tag);
    }
    const candidates = more.latest ? [...others, more.tag] : others;
    const own = prefixOfTag(more.tag);
    const present = prefixOfTag((await this.latestTag()) ?? "");
    const prefixes = own === "" ? ["", present] : [present, "", own];
    for (const prefix of prefixes) {
      const newest = newestStableTag(candidates.filter((tag) => prefixOfTag(tag) === prefix));
      if (newest !== undefined) return newest;
    }
    return newestStableTag(candidates);
  }

  /** Returns whether `latest` is equal to a release, by that one's record. */
  async latestEquals(tag: string): Promise<boolean> {
    const [latest, files] = [
      await this.digests(this.at(releaseFolders.latest, releaseFolders.files)),
      await this.ownFiles(tag),
    ];
    if (!latest || !files) return false;
    return (
      Object.keys(latest).length === files.size &&
      [...files].every(([name, digest]) => latest[name] === digest) &&
      (await this.digestAt(this.at(releaseFolders.latest, recordName))) === (await this.recordDigest(tag))
    );
  }

  /**
   * A record with the files that the release has published before and does not declare any more:
   * they stay a part of it.
   *
   * @param withdrawn files that do not
   */
  async withPublished(
    record: ReleaseRecord,
    withdrawn: readonly { readonly name: string }[] = [],
  ): Promise<ReleaseRecord> {
    const declared = new Set([...record.assets, ...withdrawn].map(({ name }) => name));
    const [recorded, files] = [await this.recorded(record.tag), await this.files(record.tag)];
    const kept = Object.entries(files ?? {})
      .map(([name, digest]) => ({ name, digest }))
      .filter(({ name, digest }) => !declared.has(name) && recorded?.get(name) === digest);
    return { ...record, assets: [...record.assets, ...kept] };
  }

  /**
   * Makes a release complete: a new one is prepared aside and appears with all of its files at
   * once; of one that is there only what is missing or differs is replaced.
   *
   * @throws DigestMismatchError where a file's content is not what its digest says
   * @throws Error where the release appears meanwhile
   * @returns names in the release's folder that are not of it
   */
  async publish(
    files: readonly ReleaseFile[],
    record: ReleaseRecord,
    { refuse, withdrawn = [] }: PublishOptions = {},
  ): Promise<string[]> {
    const folder = this.at(releaseFolders.files, record.tag);
    await this.refuseNested(record.tag);
    const present = await this.files(record.tag);
    refuse?.(present);
    const whole = await this.withPublished(record, withdrawn);
    if (present) {
      await placeInOrder(
        folder,
        files.filter(({ name, digest }) => present[name] !== digest),
      );
    } else {
      const parent = path.dirname(folder);
      await removeAbandoned(parent);
      const prepared = path.join(parent, `.${path.basename(temporaryName(record.tag))}`);
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
    const bytes = recordBytes(whole);
    await placeFile(this.at(releaseFolders.records, record.tag, recordName), { bytes }, digestOf(bytes));
    const others = Object.keys(present ?? {}).filter(
      (name) => !whole.assets.some((asset) => asset.name === name),
    );
    const gone = others.filter((name) =>
      withdrawn.some((file) => file.name === name && file.digest === present?.[name]),
    );
    for (const name of gone) await rm(path.join(folder, name), { force: true });
    return others.filter((name) => !gone.includes(name));
  }

  /**
   * Makes `latest` equal to a release: first what is new, then the record; in the end what is not
   * of it goes.
   *
   * @throws Error where the record cannot be read
   * @throws DigestMismatchError where a file of the release is not what the record says
   */
  async pointLatest(tag: string): Promise<void> {
    const files = await this.ownFiles(tag);
    const record = await this.recordDigest(tag);
    if (!files || record === undefined) {
      throw new Error(
        `${this.at(releaseFolders.records, tag, recordName)} is damaged, so latest stays as it is: it would be ${tag}, and what belongs to ` +
          `that is not known. Run the program that releases ${tag} again`,
      );
    }
    const folder = this.at(releaseFolders.latest, releaseFolders.files);
    const present = (await this.digests(folder)) ?? {};
    const wanted = [...files].map(([name, digest]) => ({
      name,
      digest,
      path: this.at(releaseFolders.files, tag, name),
    }));
    await placeInOrder(
      folder,
      wanted.filter(({ name, digest }) => present[name] !== digest),
    ).catch((error: unknown) => {
      if (!(error instanceof DigestMismatchError)) throw error;
      throw new Error(
        `latest would be ${tag}, of which a file in ${this.at(releaseFolders.files, tag)} is not what was released: ` +
          `${error.message}. Run the program that releases ${tag} again`,
        { cause: error },
      );
    });
    await placeFile(
      this.at(releaseFolders.latest, recordName),
      { path: this.at(releaseFolders.records, tag, recordName) },
      record,
    );
    for (const name of Object.keys(present)) {
      if (!files.has(name)) await rm(path.join(folder, name), { force: true, recursive: true });
    }
  }

  /** A folder without a record is not a release: somebody else has made it. */
  private async mayBeLatest(tag: string): Promise<boolean> {
    const text = await this.recordText(tag);
    if (text === undefined) return false;
    try {
      return (JSON.parse(text) as Partial<ReleaseRecord> | null)?.latest !== false;
    } catch {
      // A damaged record is that of a release all the same.
      return true;
    }
  }

  /**
   * The files of a release that are there, by its record, with the digests that it has; undefined
   * without a record.
   */
  private async ownFiles(tag: string): Promise<ReadonlyMap<string, string> | undefined> {
    const [recorded, names] = [
      await this.recorded(tag),
      await this.names(this.at(releaseFolders.files, tag)),
    ];
    return recorded && names && new Map([...recorded].filter(([name]) => names.includes(name)));
  }

  /**
   * Digests by name, as the record of a release has them; undefined where there is none, or it is
   * damaged.
   */
  private async recorded(tag: string): Promise<ReadonlyMap<string, string> | undefined> {
    const text = await this.recordText(tag);
    try {
      const { assets } = JSON.parse(text ?? "") as ReleaseRecord;
      const digests = assets.map(({ name, digest }) => [name, checkDigest(digest)] as const);
      return digests.some(([name]) => fileNameProblem(name) !== undefined) ? undefined : new Map(digests);
    } catch {
      return undefined;
    }
  }

  private async recordText(tag: string): Promise<string | undefined> {
    return readFile(this.at(releaseFolders.records, tag, recordName), "utf8").catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
  }

  /** Tags with slashes are folders in folders. */
  private async tagsBelow(segments: readonly string[]): Promise<string[]> {
    const folder = this.at(releaseFolders.records, ...segments);
    const found = await readdir(folder, { withFileTypes: true }).catch(noneIfMissing);
    const isRelease =
      segments.length > 0 &&
      found.some((entry) => entry.name === recordName && entry.isFile()) &&
      (await this.names(this.at(releaseFolders.files, ...segments))) !== undefined;
    const below: string[] = [];
    for (const entry of found) {
      if (!entry.isDirectory() || entry.name.startsWith(".") || segments.length === mostSegments) continue;
      below.push(...(await this.tagsBelow([...segments, entry.name])));
    }
    return isRelease ? [segments.join("/"), ...below] : below;
  }

  /** Tag that `latest` is equal to, by its record; undefined where there is none. */
  private async latestTag(): Promise<string | undefined> {
    try {
      const text = await readFile(this.at(releaseFolders.latest, recordName), "utf8");
      const { tag } = JSON.parse(text) as Partial<ReleaseRecord>;
      return typeof tag === "string" ? tag : undefined;
    } catch {
      // A damaged one is put right by its content.
      return undefined;
    }
  }

  /** A release in the folder of another would be a file of that one. @throws Error */
  private async refuseNested(tag: string): Promise<void> {
    const other = (await this.tags()).find(
      (present) => present.startsWith(`${tag}/`) || tag.startsWith(`${present}/`),
    );
    if (other === undefined) return;
    throw new Error(
      `${this.at(releaseFolders.files, tag)} cannot be published beside the release ${other}: one would be in the folder of ` +
        "the other, as git has no two such tags. Nothing was published. Give it another tag",
    );
  }

  private async digests(folder: string): Promise<Record<string, string> | undefined> {
    const names = await this.names(folder);
    if (!names) return undefined;
    const found: Record<string, string> = {};
    for (const name of names) found[name] = (await this.digestAt(path.join(folder, name))) ?? noFile;
    return found;
  }

  private async names(folder: string): Promise<string[] | undefined> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    return names?.filter((candidate) => !isTemporaryName(candidate)).sort();
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
    return path.join(this.base, releasesFolder, ...parts);
  }
}

/** Removes what runs that were killed prepared in a folder and never published. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(noneIfMissing)) {
    if (name.startsWith(".") && isTemporaryName(name)) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
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

/**
 * Places files in a folder, some at once.
 * @throws what the first of them to fail throws, when none is on its way any more
 */
async function placeAll(folder: string, files: readonly ReleaseFile[]): Promise<void> {
  const slots = new Semaphore(parallelCopies);
  const place = (file: ReleaseFile) => placeFile(path.join(folder, file.name), file, file.digest);
  const results = await Promise.allSettled(files.map((file) => slots.use(() => place(file))));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/**
 * Places sums and signatures after what they are of: whoever finds new sums finds the new files.
 */
async function placeInOrder(folder: string, files: readonly ReleaseFile[]): Promise<void> {
  const isProof = ({ name }: ReleaseFile) => /SUMS|\.(sha256|sig|asc|pem|bundle|sigstore\.json)$/i.test(name);
  await placeAll(
    folder,
    files.filter((file) => !isProof(file)),
  );
  await placeAll(folder, files.filter(isProof));
}

function noneIfMissing(error: unknown): never[] {
  if (isMissingFile(error)) return [];
  throw error;
}
