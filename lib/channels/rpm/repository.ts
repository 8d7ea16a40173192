import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { isMissingFile } from "../../machine/atomic-file";
import { digestHex, digestOf } from "../../oci/digest";
import { loadGzip } from "../../oci/layer/gzip";
import type { SigningKey } from "../openpgp/signing-key";
import { digestName, keptFiles, namesIn } from "../site/kept-files";
import { PublishedFileError, type SiteFile } from "../site/write-site";
import {
  listNames,
  listText,
  parseLists,
  parseRepomd,
  RepodataError,
  repomdText,
  type ListName,
  type NamedList,
  type RpmListed,
} from "./repodata";

/** What is declared of a repository. */
export interface RpmRepository {
  /** Name of its key and `.repo` file, and its id for dnf. */
  readonly name: string;
  /** What it is, as dnf shows it. */
  readonly label: string;
  /** Address at which the folder is served; without it there is no `.repo` file. */
  readonly url?: string;
  /** For how long a list that is replaced is kept, in milliseconds. */
  readonly keepMs: number;
  readonly takeOver: boolean;
}

/** A package with where its file is. */
export interface AddedRpm {
  readonly listed: RpmListed;
  /** Absolute path of the file. */
  readonly file: string;
}

/** A repository as a run has left it. */
export interface RpmRecord {
  /** When its lists were made, in seconds since 1970; 0 for one that is not there yet. */
  readonly seconds: number;
  /** How many packages they have. */
  readonly packages: number;
  /** Digest of the digests of these packages: equal ones are the same packages. */
  readonly content: string;
  /** Digests of the lists and of what names them, by path. */
  readonly lists: Readonly<Record<string, string>>;
  /** Digests of the other files that it placed, by path: packages of the last version, key, `.repo`. */
  readonly files: Readonly<Record<string, string>>;
  /** Lists that are not named any more, with when that was, in ISO 8601. */
  readonly superseded: Readonly<Record<string, string>>;
}

/** A repository that is not there yet. */
export const noRpmRecord: RpmRecord = {
  seconds: 0,
  packages: 0,
  content: "",
  lists: {},
  files: {},
  superseded: {},
};

/** A repository that cannot be added to: its lists are lost, or somebody else's. */
export class RpmRepositoryError extends Error {
  override readonly name = "RpmRepositoryError";
}

/** Its lists are lost. */
class LostListError extends RpmRepositoryError {}

/** What is to be written, in this order, and what is left then. */
export interface RpmChange {
  readonly fixed: readonly SiteFile[];
  readonly pointers: readonly SiteFile[];
  /** Paths of lists that nobody can ask for any more. */
  readonly outdated: readonly string[];
  readonly record: RpmRecord;
}

/** Longest list that is unpacked, in bytes: 100,000 packages of usual size. */
const longestList = 512 * 1024 * 1024;

export const repomdPath = "repodata/repomd.xml";
const signaturePath = `${repomdPath}.asc`;
/** Where a second copy of each list is, under its digest, for one that is lost. */
const copies = "repodata/by-digest";
const listName = /^[0-9a-f]{64}-(primary|filelists|other)\.xml\.gz$/;

/**
 * Adds signed packages to a repository in a folder, and puts right what is not as it was left.
 * Nothing is written, and no package that is there is read. Lists have their digest in their name,
 * so that those which clients have just been told of stay.
 *
 * @param folder absolute
 * @param left what the last run has left
 * @throws PublishedFileError for a version that is there with other bytes
 * @throws RpmRepositoryError
 */
export async function addToRpmRepository(
  folder: string,
  declared: RpmRepository,
  added: readonly AddedRpm[],
  key: SigningKey,
  left: RpmRecord,
  now: Date,
): Promise<RpmChange> {
  const own = added.map(({ listed }) => listed);
  const present = await readPresent(folder, declared, key, left).catch((error: unknown) => {
    // A repository that had nothing but these packages can be made again from them.
    if (error instanceof LostListError && left.content === contentDigest(own)) return nothing;
    throw error;
  });
  const packages = withRpms(present.packages, own);
  const lists = await Promise.all(listNames.map((name) => renderedList(name, packages)));
  const { seconds, repomd, signature } = await signedLists(
    lists.map(({ named }) => named),
    present,
    key,
    left,
    now,
  );
  const contents = added.map(({ listed, file }): SiteFile => ({
    path: listed.file,
    digest: listed.digest,
    content: { path: file },
  }));
  const described = [
    textFile(`${declared.name}.asc`, key.publicKeys),
    ...(declared.url === undefined
      ? []
      : [textFile(`${declared.name}.repo`, repoFile(declared, declared.url))]),
  ];
  const listFiles = lists.flatMap(({ files }) => files);
  const names = [textFile(signaturePath, signature), textFile(repomdPath, repomd)];
  const record: RpmRecord = {
    seconds,
    packages: packages.length,
    content: contentDigest(packages),
    lists: digestsOf([...listFiles, ...names]),
    files: digestsOf([...contents, ...described]),
    superseded: {},
  };
  const replaced = await replacedLists(folder, record.lists);
  const { superseded, outdated } = keptFiles(replaced, left.superseded, declared.keepMs, now);
  return {
    fixed: contents,
    // A list of other content than its name says was damaged: it is put back, not refused.
    pointers: [...listFiles, ...described, ...names],
    outdated,
    record: { ...record, superseded },
  };
}

/**
 * A repository as another run has left it that added to it with the same key; undefined where none
 * has. What cannot be read is not looked into: the next change says why.
 *
 * @param folder absolute
 */
export async function rpmsOfOthers(
  folder: string,
  key: SigningKey,
  left: RpmRecord,
): Promise<RpmRecord | undefined> {
  const signed = await signedRepomd(folder, key);
  if (!signed || signed.seconds <= left.seconds) return undefined;
  const packages = await listedAt(folder, signed.lists).catch(orNothingListed);
  if (!packages) return undefined;
  const { repomd, signature, seconds } = signed;
  const files = [...signed.lists.values()].flatMap(({ file, digest }) => [
    [file, digest] as const,
    [copyOf(digest), digest] as const,
  ]);
  const names = digestsOf([textFile(signaturePath, signature), textFile(repomdPath, repomd)]);
  const content = contentDigest(packages);
  return {
    ...left,
    seconds,
    packages: packages.length,
    content,
    lists: { ...Object.fromEntries(files), ...names },
  };
}

/** Packages that the lists have and that are not in the folder, by their paths in it, sorted. */
export async function missingRpms(folder: string, left: RpmRecord): Promise<string[]> {
  // A list that is not there is drift of its own.
  const packages = (await listedAt(folder, leftLists(left)).catch(orNothingListed)) ?? [];
  return packages
    .map(({ file }) => file)
    .filter((file) => !existsSync(path.join(folder, file)))
    .sort();
}

/** Digests of everything that a run has left, by path in the repository. */
export function leftRpmFiles({ lists, files }: RpmRecord): Record<string, string> {
  return { ...files, ...lists };
}

/** The `.repo` file that users download: packages and lists have to be signed by a key beside it. */
function repoFile({ name, label }: Pick<RpmRepository, "name" | "label">, url: string): string {
  const base = url.replace(/\/+$/, "");
  const fields = [
    `name=${label}`,
    `baseurl=${base}`,
    "enabled=1",
    "gpgcheck=1",
    "repo_gpgcheck=1",
    `gpgkey=${base}/${name}.asc`,
  ];
  return `[${name}]\n${fields.join("\n")}\n`;
}

/** A `repomd.xml` whose signature holds. */
interface SignedRepomd {
  readonly repomd: string;
  readonly signature: string;
  readonly seconds: number;
  readonly lists: ReadonlyMap<ListName, { file: string; digest: string }>;
}

interface Present {
  readonly packages: readonly RpmListed[];
  readonly seconds: number;
  /** What names the lists, where this key has signed it. */
  readonly signed?: SignedRepomd;
}

const nothing: Present = { packages: [], seconds: 0 };

/**
 * What the folder has is believed where this key has signed it and it is no older than what the last
 * run has left; else the lists of that run are looked for by their digests.
 */
async function readPresent(
  folder: string,
  { takeOver }: RpmRepository,
  key: SigningKey,
  left: RpmRecord,
): Promise<Present> {
  const signed = await signedRepomd(folder, key);
  if (signed && signed.seconds >= left.seconds) {
    return { packages: await listedAt(folder, signed.lists), seconds: signed.seconds, signed };
  }
  if (left.seconds > 0) return { packages: await listedAt(folder, leftLists(left)), seconds: left.seconds };
  const repomd = await textAt(path.join(folder, repomdPath));
  if (repomd === undefined) return nothing;
  const foreign = takeOver ? parseRepomd(repomd) : undefined;
  if (foreign) return { packages: await listedAt(folder, foreign.lists), seconds: foreign.seconds };
  throw new RpmRepositoryError(
    `${repomdPath} is there and was not signed by the key that is given (${key.fingerprint}): the repository is ` +
      "somebody else's, or its key is another one. Take another folder, give the former key, or, if Slipway has made it, " +
      "declare takeOver: true to go on with what it lists under this key, which clients then have to get anew",
  );
}

async function signedRepomd(folder: string, key: SigningKey): Promise<SignedRepomd | undefined> {
  const [repomd, signature] = await Promise.all(
    [repomdPath, signaturePath].map((file) => textAt(path.join(folder, file))),
  );
  if (repomd === undefined || signature === undefined) return undefined;
  const found = (await key.verifiesDetached(repomd, signature)) ? parseRepomd(repomd) : undefined;
  return found && { ...found, repomd, signature };
}

/** What names the lists: as it is where nothing of them changes, else signed anew. */
async function signedLists(
  lists: readonly NamedList[],
  { signed, seconds: before }: Present,
  key: SigningKey,
  left: RpmRecord,
  now: Date,
): Promise<{ seconds: number; repomd: string; signature: string }> {
  if (signed && repomdText(lists, signed.seconds) === signed.repomd) {
    const { repomd, signature } = signed;
    if (await key.verifiesDetached(repomd, signature, "all")) return signed;
    // Nothing of them changes where a key comes or leaves.
    return { seconds: signed.seconds, repomd, signature: await key.detached(repomd, now) };
  }
  // Clients take no lists that are older than theirs, whatever this machine's clock says.
  const seconds = Math.max(Math.floor(now.getTime() / 1000), Math.max(before, left.seconds) + 1);
  const repomd = repomdText(lists, seconds);
  return { seconds, repomd, signature: await key.detached(repomd, now) };
}

function leftLists({ lists }: RpmRecord): Map<ListName, { file: string; digest: string }> {
  const found = listNames.flatMap((name) => {
    const [file, digest] = Object.entries(lists).find(([one]) => one.endsWith(`-${name}.xml.gz`)) ?? [];
    return file === undefined || digest === undefined ? [] : [[name, { file, digest }] as const];
  });
  return new Map(found);
}

async function listedAt(
  folder: string,
  lists: ReadonlyMap<ListName, { file: string; digest: string }>,
): Promise<RpmListed[]> {
  const texts = { primary: "", filelists: "", other: "" };
  for (const [name, { file, digest }] of lists) {
    texts[name] = gunzipSync(await listAt(folder, file, digest), { maxOutputLength: longestList }).toString(
      "utf8",
    );
  }
  return parseLists(texts);
}

/** A list by its digest, from its place or from its copy. */
async function listAt(folder: string, file: string, digest: string): Promise<Buffer> {
  for (const place of [file, copyOf(digest)]) {
    const bytes = await contentAt(path.join(folder, place));
    if (bytes !== undefined && digestOf(bytes) === digest) return bytes;
  }
  throw new LostListError(
    `${file} (${digest}), which lists the versions that were published, is gone, and there is no copy of it by its ` +
      "digest. Bring the folder back from where it is served, and run it again: a new list would take every earlier " +
      "version from those who install",
  );
}

function orNothingListed(error: unknown): undefined {
  if (error instanceof RpmRepositoryError || error instanceof RepodataError) return undefined;
  throw error;
}

/** Packages that are there stay, whatever their version: dnf takes the highest. */
function withRpms(present: readonly RpmListed[], added: readonly RpmListed[]): RpmListed[] {
  const packages = new Map(present.map((one) => [one.file, one]));
  for (const one of added) {
    const same = packages.get(one.file);
    if (same && same.digest !== one.digest) throw new PublishedFileError(one.file, same.digest, one.digest);
    if (!same) packages.set(one.file, one);
  }
  return [...packages.values()];
}

/** A digest that two lists of the same packages share. */
function contentDigest(packages: readonly RpmListed[]): string {
  return digestOf(
    packages
      .map(({ file, digest }) => `${file} ${digest}\n`)
      .sort()
      .join(""),
  );
}

async function renderedList(
  name: ListName,
  packages: readonly RpmListed[],
): Promise<{ named: NamedList; files: SiteFile[] }> {
  const plain = Buffer.from(listText(name, packages), "utf8");
  const bytes = (await loadGzip())(plain);
  const digest = digestOf(bytes);
  const file = `repodata/${digestHex(digest)}-${name}.xml.gz`;
  const named = {
    name,
    file,
    digest,
    size: bytes.length,
    openDigest: digestOf(plain),
    openSize: plain.length,
  };
  const files = [file, copyOf(digest)].map((place) => ({ path: place, digest, content: { bytes } }));
  return { named, files };
}

function copyOf(digest: string): string {
  return `${copies}/${digestHex(digest)}`;
}

/** Lists and copies of them that are not named any more. */
async function replacedLists(folder: string, named: Readonly<Record<string, string>>): Promise<string[]> {
  const [lists, kept] = await Promise.all([
    namesIn(path.join(folder, "repodata"), listName),
    namesIn(path.join(folder, copies), digestName),
  ]);
  const found = [...lists.map((name) => `repodata/${name}`), ...kept.map((name) => `${copies}/${name}`)];
  return found.filter((file) => !(file in named));
}

function textFile(file: string, text: string): SiteFile {
  const bytes = Buffer.from(text, "utf8");
  return { path: file, digest: digestOf(bytes), content: { bytes } };
}

function digestsOf(files: readonly SiteFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path: file, digest }) => [file, digest]));
}

async function textAt(file: string): Promise<string | undefined> {
  return (await contentAt(file))?.toString("utf8");
}

async function contentAt(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  });
}
