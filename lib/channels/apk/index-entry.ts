import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { dependencies, installedSize, provided, type ApkPackage, type WrittenApk } from "./package";
import { firstMember } from "./segment";

/** A package as an index has it. */
export interface ApkEntry {
  /** Path of the file in the repository, e.g. `x86_64/hello-1.2.0-r0.apk`. */
  readonly file: string;
  readonly architecture: string;
  /** What apk knows the package by: `Q1` and the SHA-1 of its control segment, which has the digest of the data. */
  readonly identity: string;
  /** Its lines, with a line feed at the end and no empty line. */
  readonly text: string;
}

/** An index that is not as apk writes it. */
export class ApkIndexError extends Error {
  override readonly name = "ApkIndexError";
}

/** Longest control segment that is read, in bytes: scripts of the usual size are far below it. */
const longestControl = 16 * 1024 * 1024;

/**
 * What an index has of a package.
 *
 * Source: apk-tools, src/package.c, "apk_pkg_write_index_header".
 */
export async function indexText(declared: ApkPackage, { size }: WrittenApk, path: string): Promise<string> {
  const { description: about, entries } = declared;
  const { relations } = about;
  const fields: [string, string][] = [
    ["C", await identityOf(path)],
    ["P", about.name],
    ["V", about.version],
    ["A", about.architecture],
    ["S", String(size)],
    ["I", String(installedSize(entries))],
    ["T", about.description],
    ["U", about.homepage ?? ""],
    ["L", about.license],
    ["o", about.name],
    ["m", about.maintainer],
    ...listed("D", dependencies(relations)),
    ...listed("p", provided(declared)),
    ...listed("i", relations.installIf),
  ];
  return fields.map(([field, value]) => `${field}:${value}\n`).join("");
}

function listed(field: string, values: readonly string[]): [string, string][] {
  return values.length === 0 ? [] : [[field, values.join(" ")]];
}

async function identityOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    // The first two segments are small, and the data comes after them.
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size, longestControl)),
      position: 0,
    });
    const bytes = buffer.subarray(0, bytesRead);
    const control = bytes.subarray(firstMember(bytes, longestControl).end);
    const { end } = firstMember(control, longestControl);
    return `Q1${createHash("sha1").update(control.subarray(0, end)).digest("base64")}`;
  } finally {
    await file.close();
  }
}

/**
 * A package by its lines.
 *
 * @throws ApkIndexError for one without a name, a version, an architecture or an identity
 */
export function parseEntry(text: string): ApkEntry {
  const fields = new Map(text.split("\n").map((line) => [line.slice(0, 2), line.slice(2)]));
  const wanted = (field: string, pattern: RegExp) => {
    const value = fields.get(field) ?? "";
    if (pattern.test(value)) return value;
    throw new ApkIndexError(
      `a package whose line ${field} is ${JSON.stringify(value)}: ${JSON.stringify(text.slice(0, 80))}`,
    );
  };
  const [name, version] = [wanted("P:", word), wanted("V:", word)];
  const architecture = wanted("A:", word);
  return {
    file: `${architecture}/${name}-${version}.apk`,
    architecture,
    identity: wanted("C:", /^Q[12][A-Za-z0-9+/]+=*$/),
    text,
  };
}

/** What names and versions have, which are parts of a file name. */
const word = /^[A-Za-z0-9_][A-Za-z0-9+._~-]*$/;

/** Packages of an index, in their order. @throws ApkIndexError */
export function parseEntries(index: string): ApkEntry[] {
  return index
    .split(/\n{2,}/)
    .filter((text) => text.trim() !== "")
    .map((text) => parseEntry(`${text.replace(/^\n+/, "").trimEnd()}\n`));
}

/** An index of packages, by their files. */
export function entriesText(entries: readonly ApkEntry[]): string {
  return [...entries]
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ text }) => `${text}\n`)
    .join("");
}
