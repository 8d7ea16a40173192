import { keptFiles } from "./kept-files";
import { servedAs } from "./served-as";
import type { Drift, HostedFile, LeftFile, SiteHost } from "./site-host";
import { PublishedFileError } from "./write-site";

/** A copy of a folder as a run has left it on a host. */
export interface CopyRecord {
  /** Digests of the files, by path. */
  readonly copied: Readonly<Record<string, string>>;
  /** What the host calls their content, by path, where it does so. */
  readonly marks: Readonly<Record<string, string>>;
  /** Copies by digest that are not in the folder any more, with when that was, in ISO 8601. */
  readonly superseded: Readonly<Record<string, string>>;
}

/** How a folder is copied. */
export interface CopyRules {
  /** For how long a copy by digest is kept that has left the folder, in milliseconds. */
  readonly keepMs: number;
  /** Whether a file that somebody else has put at a path is replaced. */
  readonly takeOver: boolean;
}

/** What is to be done, with what was found out for it. */
export interface CopyPlan {
  /** Files by the turn in which they are sent. */
  readonly turns: readonly (readonly HostedFile[])[];
  /** Files that are there already, with what the host calls them. */
  readonly adopted: ReadonlyMap<string, string | undefined>;
  /** Copies by digest that nobody can ask for any more. */
  readonly outdated: readonly string[];
  readonly superseded: Readonly<Record<string, string>>;
}

/** Somebody else's file is where one has to be. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/**
 * Finds out what a host is to be given. Nothing is changed there.
 *
 * @param files all files of the folder
 * @param drifted files that the host has lost, or has otherwise
 * @throws PublishedFileError for a file that has its name for good and would get other content
 * @throws ForeignFileError, SiteHostError
 */
export async function planCopy(
  host: SiteHost,
  files: readonly HostedFile[],
  left: CopyRecord,
  drifted: ReadonlySet<string>,
  { keepMs, takeOver }: CopyRules,
  now: Date,
): Promise<CopyPlan> {
  for (const { path: file, digest } of files) {
    const before = left.copied[file];
    if (before !== undefined && before !== digest && servedAs(file).fixed) {
      throw new PublishedFileError(`${host.place}/${file}`, before, digest);
    }
  }
  const differs = files.filter(({ path: file, digest }) => left.copied[file] !== digest || drifted.has(file));
  const { same, other } = await host.found(
    differs.filter(({ path: file }) => left.copied[file] === undefined),
  );
  const foreign = other.filter((file) => !takeOver || servedAs(file).fixed);
  if (foreign.length > 0) throw new ForeignFileError(foreignText(host.place, foreign, takeOver));
  const sent = differs.filter(({ path: file }) => !same.has(file));
  const numbers = [...new Set(sent.map(({ path: file }) => servedAs(file).turn))].sort((a, b) => a - b);
  const there = new Set(files.map(({ path: file }) => file));
  const replaced = Object.keys(left.copied).filter((file) => servedAs(file).replaceable && !there.has(file));
  return {
    turns: numbers.map((turn) => sent.filter(({ path: file }) => servedAs(file).turn === turn)),
    adopted: same,
    ...keptFiles(replaced, left.superseded, keepMs, now),
  };
}

/**
 * Gives a host what is planned: what has its name for good first, what names all others last, so that
 * who asks meanwhile gets the old content or the new. What was replaced is removed after that.
 *
 * @param onTurn told of what is there after each turn, for a run that is cut off
 * @throws SiteHostError
 */
export async function copySite(
  host: SiteHost,
  { turns, adopted, outdated, superseded }: CopyPlan,
  files: readonly HostedFile[],
  left: CopyRecord,
  onTurn: (record: CopyRecord) => void,
): Promise<CopyRecord> {
  const digests = new Map(files.map(({ path: file, digest }) => [file, digest]));
  const copied = { ...left.copied };
  const marks = { ...left.marks };
  const note = (given: ReadonlyMap<string, string | undefined>) => {
    for (const [file, mark] of given) {
      copied[file] = digests.get(file) ?? "";
      if (mark !== undefined) marks[file] = mark;
    }
    onTurn({ copied: { ...copied }, marks: { ...marks }, superseded });
  };
  note(adopted);
  for (const turn of turns) note(await host.put(turn));
  const gone = outdated.map((file) => [file, leftFile(left, file)] as const);
  await host.remove(new Map(gone));
  for (const file of outdated) {
    delete copied[file];
    delete marks[file];
  }
  return { copied, marks, superseded };
}

/** Which files of a copy are not as they were left, by path. */
export function copyDrift(
  host: SiteHost,
  left: CopyRecord,
  isLookedAt: (file: string) => boolean,
): Promise<Map<string, Drift>> {
  const files = Object.keys(left.copied).filter(isLookedAt);
  return host.drift(new Map(files.map((file) => [file, leftFile(left, file)])));
}

function leftFile({ copied, marks }: CopyRecord, file: string): LeftFile {
  return { digest: copied[file] ?? "", mark: marks[file] };
}

function foreignText(place: string, foreign: readonly string[], takeOver: boolean): string {
  const isOne = foreign.length === 1;
  const count = isOne ? "is" : `and ${foreign.length - 1} more are`;
  const what = `${place}/${foreign[0] ?? ""} ${count} there with other content, which this program has not put there`;
  return takeOver
    ? `${what}, and its name belongs to its content for good: give the change a version, or take another place`
    : `${what}. Take another place, or declare takeOver: true to replace what is not of a version`;
}
