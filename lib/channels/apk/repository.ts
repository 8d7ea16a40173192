import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../machine/atomic-file";
import { digestHex, digestOf } from "../../oci/digest";
import { digestName, namesIn } from "../site/kept-files";
import { PublishedFileError, type SiteFile } from "../site/write-site";
import { ApkIndexError, type ApkEntry } from "./index-entry";
import { indexFile, readIndex, type ReadIndex } from "./index-file";
import { indexSigners, type ApkSigner } from "./package";

/** What is declared of a repository. */
export interface ApkRepository {
  /** What it is, in the index. */
  readonly label: string;
  readonly takeOver: boolean;
}

/** A package with where its file is. */
export interface AddedApk {
  readonly entry: ApkEntry;
  readonly digest: string;
  /** Absolute path of the file. */
  readonly file: string;
}

/** The index of an architecture as a run has left it. */
export interface ArchitectureRecord {
  /** How many packages it has. */
  readonly packages: number;
  /** Digest of what these are. */
  readonly content: string;
  /** Digest of the index. */
  readonly index: string;
}

/** A repository as a run has left it. */
export interface ApkRecord {
  readonly architectures: Readonly<Record<string, ArchitectureRecord>>;
  /** Digests of the other files that it placed, by path: packages of the last version, and the key. */
  readonly files: Readonly<Record<string, string>>;
}

/** A repository that is not there yet. */
export const noApkRecord: ApkRecord = { architectures: {}, files: {} };

/** A repository that cannot be added to: its index is lost, or somebody else's. */
export class ApkRepositoryError extends Error {
  override readonly name = "ApkRepositoryError";
}

/** Its index is lost. */
class LostIndexError extends ApkRepositoryError {}

/** What is to be written, in this order, and what is left then. */
export interface ApkChange {
  readonly fixed: readonly SiteFile[];
  readonly pointers: readonly SiteFile[];
  /** Paths of copies that nobody needs any more. */
  readonly outdated: readonly string[];
  readonly record: ApkRecord;
}

/** Where apk looks for the index of an architecture (apk-tools, doc/apk-repositories.5). */
export function indexPath(architecture: string): string {
  return `${architecture}/APKINDEX.tar.gz`;
}

/** Where a second copy of an index is, under its digest, for one that is lost. */
function copyPath(architecture: string, digest: string): string {
  return `${architecture}/by-digest/${digestHex(digest)}`;
}

/**
 * Adds signed packages to a repository in a folder, and puts right what is not as it was left.
 * Nothing is written, and no package that is there is read. No version ever leaves it, so that what
 * two runs have listed is put together, and equal packages give an index of equal bytes.
 *
 * @param folder absolute
 * @param left what the last run has left
 * @throws PublishedFileError for a version that is there with other bytes
 * @throws ApkRepositoryError
 */
export async function addToApkRepository(
  folder: string,
  { label, takeOver }: ApkRepository,
  added: readonly AddedApk[],
  signer: ApkSigner,
  left: ApkRecord,
): Promise<ApkChange> {
  const names = new Set([
    ...Object.keys(left.architectures),
    ...added.map(({ entry }) => entry.architecture),
  ]);
  const architectures: Record<string, ArchitectureRecord> = {};
  const indexes: SiteFile[] = [];
  const copies: SiteFile[] = [];
  const outdated: string[] = [];
  for (const architecture of [...names].sort()) {
    const own = added.flatMap(({ entry }) => (entry.architecture === architecture ? [entry] : []));
    const before = left.architectures[architecture];
    const present = await presentEntries(folder, architecture, signer, before, takeOver).catch(
      (error: unknown) => {
        // One that had nothing but these packages can be made again from them.
        if (error instanceof LostIndexError && before?.content === contentDigest(own)) return [];
        throw error;
      },
    );
    const entries = withEntries(present, own);
    const bytes = await indexFile(entries, label, signer);
    const digest = digestOf(bytes);
    architectures[architecture] = {
      packages: entries.length,
      content: contentDigest(entries),
      index: digest,
    };
    indexes.push({ path: indexPath(architecture), digest, content: { bytes } });
    copies.push({ path: copyPath(architecture, digest), digest, content: { bytes } });
    // The copy that the last run has left stays until this one is known to have left its own.
    const kept = [digest, before?.index].flatMap((one) => (one === undefined ? [] : [digestHex(one)]));
    const found = await namesIn(path.join(folder, architecture, "by-digest"), digestName);
    outdated.push(
      ...found.filter((name) => !kept.includes(name)).map((name) => `${architecture}/by-digest/${name}`),
    );
  }
  const packages = added.map(({ entry, digest, file }): SiteFile => ({
    path: entry.file,
    digest,
    content: { path: file },
  }));
  const keys = indexSigners(signer).map(keyFile);
  return {
    fixed: packages,
    // A copy of other content than its name says was damaged: it is put back, not refused.
    pointers: [...keys, ...copies, ...indexes],
    outdated,
    record: { architectures, files: digestsOf([...packages, ...keys]) },
  };
}

/**
 * A repository as another run has left it that added to it with the same key; undefined where none
 * has. What cannot be read is not looked into: the next change says why.
 *
 * @param folder absolute
 */
export async function apksOfOthers(
  folder: string,
  signer: ApkSigner,
  left: ApkRecord,
): Promise<ApkRecord | undefined> {
  const found: Record<string, ArchitectureRecord> = {};
  for (const [architecture, record] of Object.entries(left.architectures)) {
    const bytes = await contentAt(path.join(folder, indexPath(architecture)));
    if (bytes === undefined || digestOf(bytes) === record.index) continue;
    const index = await indexOf(bytes, signer);
    // One that has not all that was left is an old index that has come back.
    const before = await copyOf(folder, architecture, record.index, signer);
    const isNewer = before
      ? before.every((one) => index?.entries.some(({ text }) => text === one.text))
      : (index?.entries.length ?? 0) >= record.packages;
    if (!index?.isSigned || !isNewer) continue;
    found[architecture] = {
      packages: index.entries.length,
      content: contentDigest(index.entries),
      index: digestOf(bytes),
    };
  }
  if (Object.keys(found).length === 0) return undefined;
  return { ...left, architectures: { ...left.architectures, ...found } };
}

/** Packages that an index has and that are not in the folder, by their paths in it, sorted. */
export async function missingApks(folder: string, left: ApkRecord, signer: ApkSigner): Promise<string[]> {
  const missing: string[] = [];
  for (const architecture of Object.keys(left.architectures)) {
    // One that is not there, or no index, is drift of its own.
    const bytes = await contentAt(path.join(folder, indexPath(architecture)));
    const index = bytes === undefined ? undefined : await indexOf(bytes, signer);
    const files = index?.entries.map(({ file }) => file) ?? [];
    missing.push(...files.filter((file) => !existsSync(path.join(folder, file))));
  }
  return missing.sort();
}

/** Digests of everything that a run has left, by path in the repository. */
export function leftApkFiles({ architectures, files }: ApkRecord): Record<string, string> {
  const indexes = Object.entries(architectures).flatMap(([architecture, { index }]) => [
    [copyPath(architecture, index), index] as const,
    [indexPath(architecture), index] as const,
  ]);
  return { ...files, ...Object.fromEntries(indexes) };
}

/**
 * What the folder has is believed where this key has signed it, and what the last run has left by its
 * digest.
 */
async function presentEntries(
  folder: string,
  architecture: string,
  signer: ApkSigner,
  left: ArchitectureRecord | undefined,
  takeOver: boolean,
): Promise<readonly ApkEntry[]> {
  const bytes = await contentAt(path.join(folder, indexPath(architecture)));
  const found = bytes === undefined ? undefined : await indexOf(bytes, signer);
  if (left === undefined) {
    if (bytes === undefined) return [];
    if (found && (found.isSigned || takeOver)) return found.entries;
    throw new ApkRepositoryError(
      `${indexPath(architecture)} is there and was not signed by the key that is given (${signer.keyName}.rsa.pub): ` +
        "the repository is somebody else's, or its key is another one. Take another folder, give the former key, or " +
        "declare takeOver: true to go on with what it lists under this key, which clients then have to get anew",
    );
  }
  if (found && bytes !== undefined && digestOf(bytes) === left.index) return found.entries;
  const signed = found?.isSigned === true ? found.entries : [];
  const copy = await copyOf(folder, architecture, left.index, signer);
  if (copy) return [...copy, ...signed.filter((one) => !copy.some(({ file }) => file === one.file))];
  if (signed.length >= left.packages) return signed;
  throw new LostIndexError(
    `${indexPath(architecture)} (${left.index}), which lists the versions that were published, is gone, and there is no ` +
      "copy of it by its digest. Bring the folder back from where it is served, and run it again: a new index would " +
      "take every earlier version from those who install",
  );
}

async function copyOf(
  folder: string,
  architecture: string,
  digest: string,
  signer: ApkSigner,
): Promise<readonly ApkEntry[] | undefined> {
  const bytes = await contentAt(path.join(folder, copyPath(architecture, digest)));
  if (bytes === undefined || digestOf(bytes) !== digest) return undefined;
  return (await indexOf(bytes, signer))?.entries;
}

async function indexOf(bytes: Buffer, signer: ApkSigner): Promise<ReadIndex | undefined> {
  return readIndex(bytes, signer).catch((error: unknown) => {
    if (error instanceof ApkIndexError) return undefined;
    throw error;
  });
}

/** Packages that are there stay, whatever their version: apk takes the highest. */
function withEntries(present: readonly ApkEntry[], added: readonly ApkEntry[]): ApkEntry[] {
  const entries = new Map(present.map((one) => [one.file, one]));
  for (const one of added) {
    const same = entries.get(one.file);
    if (same && same.identity !== one.identity)
      throw new PublishedFileError(one.file, same.identity, one.identity);
    if (!same) entries.set(one.file, one);
  }
  return [...entries.values()];
}

/** A digest that two indexes of the same packages share. */
function contentDigest(entries: readonly ApkEntry[]): string {
  return digestOf(
    entries
      .map(({ file, identity }) => `${file} ${identity}\n`)
      .sort()
      .join(""),
  );
}

/** The public key, under the name that it has to have in `/etc/apk/keys`. */
function keyFile({ key, keyName }: ApkSigner): SiteFile {
  const bytes = Buffer.from(key.publicKey, "utf8");
  return { path: `${keyName}.rsa.pub`, digest: digestOf(bytes), content: { bytes } };
}

function digestsOf(files: readonly SiteFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path: file, digest }) => [file, digest]));
}

async function contentAt(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  });
}
