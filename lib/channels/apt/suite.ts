import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../machine/atomic-file";
import { digestHex, digestOf } from "../../oci/digest";
import { loadGzip } from "../../oci/layer/gzip";
import { loadZstd } from "../../oci/layer/zstd";
import type { SigningKey } from "../openpgp/signing-key";
import { PublishedFileError, type SiteFile } from "../site/write-site";
import { parseRelease, releaseText, type SuiteDescription } from "./release-file";
import { packagesText, parsePackages, type PackageStanza } from "./stanza";

/** A suite as a run has left it. */
export interface SuiteRecord {
  /** When its `Release` was made, in ISO 8601. */
  readonly date: string;
  /** When clients stop believing it, in ISO 8601; absent for never. */
  readonly validUntil?: string;
  /** How many packages its indexes have. */
  readonly packages: number;
  /** Digest of the digests of these packages: equal ones are the same packages. */
  readonly content: string;
  /** Digests of its files, by path in the repository. */
  readonly files: Readonly<Record<string, string>>;
}

/** What is in a suite, as its signed indexes say. */
export interface SuiteContent {
  /** Of the `Release` that says so; undefined for a suite that is new. */
  readonly date?: Date;
  readonly validUntil?: Date;
  /** Packages by architecture. */
  readonly stanzas: ReadonlyMap<string, readonly PackageStanza[]>;
}

/** A suite that cannot be added to: its list of packages is lost, or somebody else's. */
export class SuiteError extends Error {
  override readonly name = "SuiteError";
}

/** Its list of packages is lost. */
export class LostIndexError extends SuiteError {}

/**
 * Folders of indexes by digest, by algorithm. apt asks for the strongest that a `Release` has; other
 * clients, for SHA-256.
 */
export const digestFolders: Readonly<Record<string, string>> = { sha256: "SHA256", sha512: "SHA512" };

const nothing: SuiteContent = { stanzas: new Map() };

/** Where the files of a suite are. */
export function suiteFolder(suite: string): string {
  return `dists/${suite}`;
}

/**
 * Reads a suite without reading a package. What the folder has is believed where this key has signed
 * it and it is no older than what the last run has left; else the indexes of that run are looked for
 * by their digests.
 *
 * @param folder absolute
 * @param left what the last run has left of it; undefined where none has
 * @param takeOver whether a suite that another key has signed is gone on with
 * @throws SuiteError
 */
export async function readSuite(
  folder: string,
  suite: string,
  key: SigningKey,
  left: SuiteRecord | undefined,
  takeOver: boolean,
): Promise<SuiteContent> {
  const at = suiteFolder(suite);
  const inRelease = await textAt(path.join(folder, at, "InRelease"));
  const verified = inRelease === undefined ? undefined : await key.verified(inRelease);
  const release = verified === undefined ? undefined : parseRelease(verified);
  if (release && (left === undefined || release.date >= new Date(left.date))) {
    return contentOf(folder, suite, release.indexes, release);
  }
  if (left !== undefined) {
    const files = Object.entries(left.files).map(
      ([file, digest]) => [file.slice(at.length + 1), digest] as const,
    );
    const dates = {
      date: new Date(left.date),
      ...(left.validUntil !== undefined && { validUntil: new Date(left.validUntil) }),
    };
    return contentOf(folder, suite, new Map(files), dates);
  }
  if (inRelease === undefined) return nothing;
  const foreign = takeOver ? parseRelease(unsigned(inRelease)) : undefined;
  if (foreign) return contentOf(folder, suite, foreign.indexes, foreign);
  throw new SuiteError(
    `${at}/InRelease is there and was not signed by the key that is given (${key.fingerprint}): the suite is somebody ` +
      "else's, or its key is another one. Take another folder, give the former key, or declare takeOver: true to go " +
      "on with what it lists under this key, which clients then have to get anew",
  );
}

/** The text of a clear-signed message that nobody has verified. */
function unsigned(message: string): string {
  const body =
    /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n[^]*?\r?\n\r?\n([^]*?)\r?\n-----BEGIN PGP SIGNATURE-----/m.exec(
      message,
    );
  return (body?.[1] ?? "").replace(/^- /gm, "");
}

async function contentOf(
  folder: string,
  suite: string,
  indexes: ReadonlyMap<string, string>,
  dates: Pick<SuiteContent, "date" | "validUntil">,
): Promise<SuiteContent> {
  const stanzas = new Map<string, PackageStanza[]>();
  for (const [file, digest] of indexes) {
    const architecture = /\/binary-([a-z0-9]+)\/Packages$/.exec(file)?.[1];
    if (architecture === undefined) continue;
    stanzas.set(architecture, parsePackages(await indexAt(folder, suite, file, digest)));
  }
  return { ...dates, stanzas };
}

/** An index by its digest, from its place or from those kept by digest. */
async function indexAt(folder: string, suite: string, file: string, digest: string): Promise<string> {
  const absolute = path.join(folder, suiteFolder(suite), file);
  for (const place of [absolute, path.join(path.dirname(absolute), "by-hash", "SHA256", digestHex(digest))]) {
    const text = await textAt(place);
    if (text !== undefined && digestOf(text) === digest) return text;
  }
  throw new LostIndexError(
    `${suiteFolder(suite)}/${file} (${digest}), which lists the versions that were published, is gone, and there is no ` +
      "copy of it by its digest. Bring the folder back from where it is served, and run it again: a new list would " +
      "take every earlier version from those who install",
  );
}

/**
 * Adds packages. Those that are there stay, whatever their version: apt takes the highest.
 *
 * @throws PublishedFileError for a version that is there with other bytes
 */
export function withPackages(content: SuiteContent, added: readonly PackageStanza[]): SuiteContent {
  const stanzas = new Map(content.stanzas);
  for (const one of added) {
    const present = stanzas.get(one.architecture) ?? [];
    const same = present.find(({ filename }) => filename === one.filename);
    if (same && same.digest !== one.digest)
      throw new PublishedFileError(one.filename, same.digest, one.digest);
    if (!same) stanzas.set(one.architecture, [...present, one]);
  }
  return { ...content, stanzas };
}

/** How a suite is described, but for what follows from its packages. */
export type DeclaredSuite = Omit<SuiteDescription, "architectures" | "date" | "validUntil">;

/** A suite as it is to be served. */
export interface RenderedSuite {
  readonly record: SuiteRecord;
  /** Indexes under their digests. */
  readonly fixed: SiteFile[];
  /** Files by name, `InRelease` last. */
  readonly pointers: SiteFile[];
}

/**
 * Renders a suite. Where nothing of it changes it keeps its date and, at the same place, its
 * signature.
 *
 * @param dates of the `Release`
 * @param signedAt time of the signatures
 */
export async function renderSuite(
  folder: string,
  declared: DeclaredSuite,
  { stanzas }: SuiteContent,
  key: SigningKey,
  dates: { readonly date: Date; readonly validUntil?: Date; readonly signedAt: Date },
): Promise<RenderedSuite> {
  const at = suiteFolder(declared.suite);
  const indexes = new Map<string, Uint8Array>();
  const [gzip, zstd] = [await loadGzip(), await loadZstd()];
  for (const [architecture, packages] of [...stanzas].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const plain = Buffer.from(packagesText(packages), "utf8");
    const file = `${declared.component}/binary-${architecture}/Packages`;
    indexes.set(file, plain).set(`${file}.gz`, gzip(plain)).set(`${file}.zst`, zstd(plain));
  }
  const text = releaseText(
    {
      ...declared,
      architectures: [...stanzas.keys()].sort(),
      date: dates.date,
      validUntil: dates.validUntil,
    },
    indexes,
  );
  const signed = await signatures(folder, at, text, key, dates.signedAt);
  const byHash = [...indexes].flatMap(([file, bytes]) =>
    Object.entries(digestFolders).map(([algorithm, folderName]) =>
      siteFile(`${at}/${path.posix.dirname(file)}/by-hash/${folderName}/${hashed(algorithm, bytes)}`, bytes),
    ),
  );
  const pointers = [
    ...[...indexes].map(([file, bytes]) => siteFile(`${at}/${file}`, bytes)),
    siteFile(`${at}/Release.gpg`, Buffer.from(signed.detached, "utf8")),
    siteFile(`${at}/Release`, Buffer.from(text, "utf8")),
    siteFile(`${at}/InRelease`, Buffer.from(signed.inRelease, "utf8")),
  ];
  const record: SuiteRecord = {
    date: dates.date.toISOString(),
    ...(dates.validUntil && { validUntil: dates.validUntil.toISOString() }),
    packages: [...stanzas.values()].reduce((sum, { length }) => sum + length, 0),
    content: contentDigest([...stanzas.values()].flat()),
    files: Object.fromEntries([...byHash, ...pointers].map((file) => [file.path, file.digest])),
  };
  return { record, fixed: byHash, pointers };
}

/** A digest that two lists of the same packages share. */
export function contentDigest(stanzas: readonly PackageStanza[]): string {
  return digestOf(
    stanzas
      .map(({ filename, digest }) => `${filename} ${digest}\n`)
      .sort()
      .join(""),
  );
}

/** The signatures that are there, where they are of this text by these keys and no others; else new ones. */
async function signatures(
  folder: string,
  at: string,
  text: string,
  key: SigningKey,
  now: Date,
): Promise<{ inRelease: string; detached: string }> {
  const [inRelease, detached] = await Promise.all([
    textAt(path.join(folder, at, "InRelease")),
    textAt(path.join(folder, at, "Release.gpg")),
  ]);
  const holds =
    inRelease !== undefined && (await key.verified(inRelease, "all"))?.trimEnd() === text.trimEnd();
  if (holds && detached !== undefined && (await key.verifiesDetached(text, detached, "all")))
    return { inRelease, detached };
  return { inRelease: await key.clearsigned(text, now), detached: await key.detached(text, now) };
}

/** Whether nothing of a suite but its dates would change. */
export async function isAsServed(
  folder: string,
  declared: DeclaredSuite,
  content: SuiteContent,
  key: SigningKey,
): Promise<boolean> {
  const { date, validUntil } = content;
  if (date === undefined) return false;
  const served = await textAt(path.join(folder, suiteFolder(declared.suite), "InRelease"));
  const verified = served === undefined ? undefined : await key.verified(served, "all");
  if (verified === undefined) return false;
  const rendered = await renderSuite(folder, declared, content, key, { date, validUntil, signedAt: date });
  const release = rendered.pointers.find(({ path: file }) => file.endsWith("/Release"));
  return release !== undefined && release.digest === digestOf(`${verified.trimEnd()}\n`);
}

function hashed(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

function siteFile(file: string, bytes: Uint8Array): SiteFile {
  return { path: file, digest: digestOf(bytes), content: { bytes } };
}

async function textAt(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  });
}
