import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../machine/atomic-file";
import { digestOf } from "../../oci/digest";
import type { SigningKey } from "../openpgp/signing-key";
import { digestName, keptFiles, namesIn } from "../site/kept-files";
import type { SiteFile } from "../site/write-site";
import { sourcesText } from "./sources";
import { PackagesIndexError, parsePackages, type PackageStanza } from "./stanza";
import {
  contentDigest,
  isAsServed,
  LostIndexError,
  readSuite,
  renderSuite,
  SuiteError,
  withPackages,
  type DeclaredSuite,
  type RenderedSuite,
  type SuiteContent,
  type SuiteRecord,
} from "./suite";

/** What is declared of a repository. */
export interface AptRepository {
  /** Name of its source and key files, e.g. `hello`. */
  readonly name: string;
  /** Suites that the packages are added to. */
  readonly suites: readonly string[];
  readonly component: string;
  readonly origin: string;
  readonly label: string;
  readonly description?: string;
  /** Address at which the folder is served; without it there is no source file. */
  readonly url?: string;
  /** For how long clients believe an index, in milliseconds. Default: for good. */
  readonly validMs?: number;
  /** For how long an index that is replaced is kept under its digest, in milliseconds. */
  readonly keepMs: number;
  readonly takeOver: boolean;
}

/** A package with where its file is. */
export interface AddedPackage {
  readonly stanza: PackageStanza;
  /** Absolute path of the file. */
  readonly file: string;
}

/** A repository as a run has left it. */
export interface RepositoryRecord {
  readonly suites: Readonly<Record<string, SuiteRecord>>;
  /** Digests of the other files that it placed, by path: packages of the last version, key, sources. */
  readonly files: Readonly<Record<string, string>>;
  /** Indexes by digest that are not named any more, with when that was, in ISO 8601. */
  readonly superseded: Readonly<Record<string, string>>;
}

/** What is to be written, in this order, and what is left then. */
export interface RepositoryChange {
  readonly fixed: readonly SiteFile[];
  readonly pointers: readonly SiteFile[];
  /** Paths of indexes that nobody can ask for any more. */
  readonly outdated: readonly string[];
  readonly record: RepositoryRecord;
}

/** An index is signed anew when less than this part of its time is left. */
const renewedBelow = 1 / 2;

/**
 * Adds packages to a repository in a folder, and puts right what is not as it was left. Nothing is
 * written, and no package that is there is read.
 *
 * @param folder absolute
 * @throws SuiteError, PublishedFileError
 */
export async function addToRepository(
  folder: string,
  declared: AptRepository,
  added: readonly AddedPackage[],
  key: SigningKey,
  left: RepositoryRecord,
  now: Date,
): Promise<RepositoryChange> {
  const stanzas = added.map(({ stanza }) => stanza);
  const suites: Record<string, SuiteRecord> = {};
  const rendered: RenderedSuite[] = [];
  for (const suite of [...new Set([...Object.keys(left.suites), ...declared.suites])].sort()) {
    const own = declared.suites.includes(suite) ? stanzas : [];
    const one = await changedSuite(folder, suite, declared, own, key, left.suites[suite], now);
    suites[suite] = one.record;
    rendered.push(one);
  }
  const packages = added.map(({ stanza: { filename, digest }, file }): SiteFile => ({
    path: filename,
    digest,
    content: { path: file },
  }));
  const sources = sourceFiles(declared, Object.keys(suites), key);
  const replaced = await replacedIndexes(folder, suites);
  const { superseded, outdated } = keptFiles(replaced, left.superseded, declared.keepMs, now);
  return {
    fixed: [...packages, ...rendered.flatMap(({ fixed }) => fixed)],
    pointers: [...sources, ...rendered.flatMap(({ pointers }) => pointers)],
    outdated,
    record: { suites, superseded, files: digestsOf([...packages, ...sources]) },
  };
}

/**
 * A repository as another run has left it that added to it with the same key; undefined where none
 * has. What cannot be read is not looked into: the next change says why.
 *
 * @param folder absolute
 */
export async function addedByOthers(
  folder: string,
  declared: AptRepository,
  key: SigningKey,
  left: RepositoryRecord,
): Promise<RepositoryRecord | undefined> {
  const found: Record<string, SuiteRecord> = {};
  for (const [suite, record] of Object.entries(left.suites)) {
    const described = describedSuite(suite, declared);
    const content = await readSuite(folder, suite, key, record, false).catch((error: unknown) => {
      if (error instanceof SuiteError) return undefined;
      throw error;
    });
    const { date, validUntil } = content ?? {};
    if (!content || date === undefined || date <= new Date(record.date)) continue;
    if (!(await isAsServed(folder, described, content, key))) continue;
    const rendered = await renderSuite(folder, described, content, key, { date, validUntil, signedAt: date });
    found[suite] = rendered.record;
  }
  return Object.keys(found).length === 0 ? undefined : { ...left, suites: { ...left.suites, ...found } };
}

/** Packages that a suite lists and that are not in the folder, by their paths in it, sorted. */
export async function missingPackages(
  folder: string,
  suites: Readonly<Record<string, SuiteRecord>>,
): Promise<string[]> {
  const missing = new Set<string>();
  for (const { files } of Object.values(suites)) {
    for (const index of Object.keys(files).filter((file) => file.endsWith("/Packages"))) {
      // One that is not there, or not a list, is drift of its own.
      const listed = await listedFiles(path.join(folder, index));
      for (const file of listed) if (!existsSync(path.join(folder, file))) missing.add(file);
    }
  }
  return [...missing].sort();
}

async function listedFiles(index: string): Promise<string[]> {
  try {
    return parsePackages(await readFile(index, "utf8")).map(({ filename }) => filename);
  } catch (error) {
    if (isMissingFile(error) || error instanceof PackagesIndexError) return [];
    throw error;
  }
}

function describedSuite(suite: string, declared: AptRepository): DeclaredSuite {
  const { component, origin, label, description } = declared;
  return { suite, component, origin, label, description };
}

async function changedSuite(
  folder: string,
  suite: string,
  declared: AptRepository,
  added: readonly PackageStanza[],
  key: SigningKey,
  left: SuiteRecord | undefined,
  now: Date,
): Promise<RenderedSuite> {
  const { validMs, takeOver } = declared;
  const described = describedSuite(suite, declared);
  const present = await readSuite(folder, suite, key, left, takeOver).catch((error: unknown) => {
    // A suite that had nothing but these packages can be made again from them.
    if (error instanceof LostIndexError && left?.content === contentDigest(added))
      return { stanzas: new Map() };
    throw error;
  });
  const content = withPackages(present, added);
  const { date, validUntil } = content;
  const isKept =
    date !== undefined &&
    !isDue(content, validMs, now) &&
    (await isAsServed(folder, described, content, key));
  if (isKept) return renderSuite(folder, described, content, key, { date, validUntil, signedAt: now });
  // Clients take no index that is older than theirs, whatever this machine's clock says.
  const before = Math.max(date?.getTime() ?? 0, left === undefined ? 0 : new Date(left.date).getTime());
  const seconds = Math.max(Math.floor(now.getTime() / 1000), Math.floor(before / 1000) + 1);
  const made = new Date(seconds * 1000);
  const until = validMs === undefined ? undefined : new Date(made.getTime() + validMs);
  return renderSuite(folder, described, content, key, { date: made, validUntil: until, signedAt: now });
}

/** Whether clients would soon stop believing an index, or believe it for another time than declared. */
export function isDue(
  { date, validUntil }: Pick<SuiteContent, "date" | "validUntil">,
  validMs: number | undefined,
  now: Date,
): boolean {
  if (validMs === undefined || date === undefined) return validUntil !== undefined;
  if (validUntil === undefined || validUntil.getTime() - date.getTime() !== validMs) return true;
  return validUntil.getTime() - now.getTime() < validMs * renewedBelow;
}

/** The keys, and a source for each suite, which users download. */
function sourceFiles(
  { name, component, url }: AptRepository,
  suites: readonly string[],
  { publicKeys }: SigningKey,
): SiteFile[] {
  const file = (to: string, text: string): SiteFile => {
    const bytes = Buffer.from(text, "utf8");
    return { path: to, digest: digestOf(bytes), content: { bytes } };
  };
  const key = file(`${name}.asc`, publicKeys);
  if (url === undefined) return [key];
  return [
    key,
    ...suites.map((suite) =>
      file(sourceName(name, suite), sourcesText({ url, suite, component, publicKeys })),
    ),
  ];
}

/** Suite that most people want: its source has the name of the repository alone. */
export const mainSuite = "stable";

/** File name of the source that users put on their machine. */
export function sourceName(name: string, suite: string): string {
  return suite === mainSuite ? `${name}.sources` : `${name}-${suite}.sources`;
}

function digestsOf(files: readonly SiteFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path: file, digest }) => [file, digest]));
}

/** Indexes under their digests that are not named any more. */
async function replacedIndexes(
  folder: string,
  suites: Readonly<Record<string, SuiteRecord>>,
): Promise<string[]> {
  const replaced: string[] = [];
  for (const { files } of Object.values(suites)) {
    const folders = new Set(
      Object.keys(files)
        .filter((file) => file.includes("/by-hash/"))
        .map((file) => path.posix.dirname(file)),
    );
    for (const at of folders) {
      const found = (await namesIn(path.join(folder, at), digestName)).map((name) => `${at}/${name}`);
      replaced.push(...found.filter((file) => !(file in files)));
    }
  }
  return replaced;
}

/** Digests of everything that a run has left, by path in the repository. */
export function leftFiles({ suites, files }: RepositoryRecord): Record<string, string> {
  const ofSuites = Object.values(suites).flatMap(({ files: own }) => Object.entries(own));
  return { ...files, ...Object.fromEntries(ofSuites) };
}
