import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract as tarExtract } from "tar-stream";
import { openPromise, type Entry } from "yauzl";
import { formBytes, formOf, headOf, isArchiveName, unpack, unreadForm } from "../archive/content-form";
import { temporaryName } from "../machine/atomic-file";
import { collectBytes } from "../oci/collected-bytes";
import { unpackedWithin, type UnpackLimit } from "../oci/layer/unpack-limit";
import { failingWhenRead } from "../oci/transport/failing-when-read";
import { followLinks, normalizedPath, type ArchiveLink } from "./archive-links";

/** An archive that does not hold what is wanted of it. */
export class ExtractError extends Error {
  override readonly name = "ExtractError";
}

/** Entries of an archive that are looked at: those of the largest source trees are fewer. */
const maximumEntries = 1_000_000;

/** Bytes that the target of a symbolic link can have (PATH_MAX). */
const longestTarget = 4096;

const readForms =
  ".tar, .tar.gz, .tar.zst, .tar.xz, .tar.bz2 and .zip, and single files with .gz, .zst, .xz or .bz2";

/** Where what is wanted goes: the files to be written, by normalized path in the archive. */
type Targets = ReadonlyMap<string, string>;

/** What one reading of an archive has shown. */
interface Reading {
  /** Paths of the wanted files that were there, and are written now. */
  readonly found: Set<string>;
  /** All links, by normalized path. */
  readonly links: Map<string, ArchiveLink>;
}

/**
 * Takes files out of an archive into a folder, each under its path in the archive, executable where
 * it is so there. Links are followed within the archive. A file that is no archive is the one that is
 * wanted: as it is, or unpacked.
 *
 * @param name name of the archive, for messages; its first bytes tell the form
 * @param limit of what may come out of it; {@link unpackLimit} unless given
 * @throws ExtractError for a file that is not in it, a form that is not read, a damaged archive, or
 * too much content
 */
export async function extractFiles(
  archive: string,
  name: string,
  wanted: readonly string[],
  folder: string,
  limit?: UnpackLimit,
): Promise<void> {
  const prepared = temporaryName(folder);
  try {
    // All before anything is read: the stream of a damaged file fails at once, and is to be
    // listened to by then.
    for (const file of wanted) await mkdir(path.dirname(path.join(prepared, file)), { recursive: true });
    const read = await readerOf(archive, name, wanted, limit);
    if (typeof read === "function") await extractAll(read, name, wanted, prepared);
    else await writeEntry(read.content, path.join(prepared, wanted[0] ?? name), modeOfSingle(read.head));
    await rm(folder, { recursive: true, force: true });
    await rename(prepared, folder);
  } catch (error) {
    throw error instanceof ExtractError || isSystemError(error)
      ? error
      : new ExtractError(`${name} cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
}

/** A file that is no archive: a program as it is, or packed alone. */
interface SingleFile {
  readonly content: AsyncIterable<Uint8Array>;
  /** Its first bytes. */
  readonly head: Buffer;
}

type ReadEntries = (targets: Targets) => Promise<Reading>;

/** Returns how the entries of an archive are read, or the content of a file that is none. */
async function readerOf(
  archive: string,
  name: string,
  wanted: readonly string[],
  limit: UnpackLimit | undefined,
): Promise<ReadEntries | SingleFile> {
  const raw = await headOf(createReadStream(archive), formBytes);
  const form = formOf(raw);
  if (form === "zip") return (targets) => fromZip(archive, name, targets, limit);
  const { size } = await stat(archive);
  const open = (): AsyncIterable<Uint8Array> => {
    const unpacked = form && unpack(form, failingWhenRead(createReadStream(archive)));
    return unpacked ? unpackedWithin(unpacked, size, limit) : createReadStream(archive);
  };
  const head = form === undefined || form === "tar" ? raw : await headOf(open(), formBytes);
  if (formOf(head) === "tar" || (isArchiveName(name) && isEmptyTar(head)))
    return (targets) => fromTar(name, open(), targets);
  const other = unreadForm(head);
  if (other !== undefined) throw new ExtractError(`${name} is ${other}; what is read is ${readForms}`);
  if (isArchiveName(name))
    throw new ExtractError(
      `${name} is no archive, whatever its name says: it has one file in it, or is damaged`,
    );
  if (wanted.length === 1) return { content: open(), head };
  const names = wanted.map((file) => JSON.stringify(file)).join(", ");
  throw new ExtractError(`${name} is one file and no archive, so it cannot be ${names} all at once`);
}

/** The end of an archive right at its start. */
function isEmptyTar(head: Buffer): boolean {
  return head.length === formBytes && head.every((byte) => byte === 0);
}

async function extractAll(
  read: ReadEntries,
  name: string,
  wanted: readonly string[],
  folder: string,
): Promise<void> {
  const targets = new Map(wanted.map((file) => [normalizedPath(file), path.join(folder, file)]));
  const { found, links } = await read(targets);
  const linked = [...targets].filter(([file]) => !found.has(file));
  if (linked.length === 0) return;
  const sources = linked.map(([file, target]) => {
    const followed = followLinks(file, links);
    if ("problem" in followed) throw new ExtractError(`${name}: ${JSON.stringify(file)} ${followed.problem}`);
    return { file, target, source: followed.path };
  });
  const missing = sources.filter(({ file, source }) => file === source);
  if (missing.length > 0) {
    const names = missing.map(({ file }) => JSON.stringify(file)).join(", ");
    throw new ExtractError(`${name} has no file ${names}`);
  }
  const first = new Map(sources.map(({ source, target }) => [source, target]));
  const again = await read(first);
  for (const { file, source, target } of sources) {
    if (!again.found.has(source)) {
      throw new ExtractError(
        `${name}: ${JSON.stringify(file)} is a link to ${JSON.stringify(source)}, and there is no such file in it`,
      );
    }
    const written = first.get(source) ?? target;
    if (written === target) continue;
    await copyFile(written, target);
    await chmod(target, (await stat(written)).mode);
  }
}

async function fromTar(name: string, tar: AsyncIterable<Uint8Array>, targets: Targets): Promise<Reading> {
  const found = new Set<string>();
  const links = new Map<string, ArchiveLink>();
  // Of before POSIX too: the types of the package do not have its option.
  const entries = tarExtract({ allowUnknownFormat: true } as Parameters<typeof tarExtract>[0]);
  const reading = pipeline(Readable.from(tar), entries);
  reading.catch(() => undefined);
  let count = 0;
  for await (const entry of entries) {
    if (++count > maximumEntries) throw new ExtractError(`${name} has more than ${maximumEntries} entries`);
    const { type, linkname, mode = 0 } = entry.header;
    const file = normalizedPath(entry.header.name);
    // The last entry of a name counts, as unpackers have it.
    const isFile = type === "file" || type === "contiguous-file";
    if (type === "link" && normalizedPath(linkname ?? "") === file) {
      // What tar writes for a file that it was told to take twice.
    } else if (type === "link" || type === "symlink") {
      links.set(file, { type: type === "link" ? "hard" : "symbolic", target: linkname ?? "" });
      found.delete(file);
    } else if (isFile) links.delete(file);
    const target = isFile ? targets.get(file) : undefined;
    if (target === undefined) entry.resume();
    else {
      await writeEntry(entry as AsyncIterable<Uint8Array>, target, modeOf(mode));
      found.add(file);
    }
  }
  await reading;
  return { found, links };
}

/**
 * Reads the directory of the archive and no more of it than the files that are wanted, each as a
 * stream, and the targets of links.
 */
async function fromZip(
  archive: string,
  name: string,
  targets: Targets,
  limit?: UnpackLimit,
): Promise<Reading> {
  const found = new Set<string>();
  const links = new Map<string, ArchiveLink>();
  const zip = await openPromise(archive);
  let count = 0;
  const contentOf = async (entry: Entry) => {
    const content = await zip.openReadStreamPromise(entry);
    return unpackedWithin(content as AsyncIterable<Uint8Array>, entry.compressedSize, limit);
  };
  try {
    for await (const entry of zip.eachEntry()) {
      if (++count > maximumEntries) throw new ExtractError(`${name} has more than ${maximumEntries} entries`);
      if (entry.fileName.endsWith("/")) continue;
      const file = normalizedPath(entry.fileName);
      const bits = entry.versionMadeBy >>> 8 === madeByUnix ? entry.externalFileAttributes >>> 16 : 0;
      if ((bits & fileTypeBits) === symbolicLink) {
        const target = await collectBytes(
          await contentOf(entry),
          longestTarget,
          () =>
            new ExtractError(
              `${name}: the link ${JSON.stringify(file)} is longer than ${longestTarget} bytes`,
            ),
        );
        links.set(file, { type: "symbolic", target: target.toString("utf8") });
        continue;
      }
      const target = targets.get(file);
      if (target === undefined) continue;
      await writeEntry(await contentOf(entry), target, modeOf(bits));
      found.add(file);
    }
  } finally {
    zip.close();
  }
  return { found, links };
}

/** Nothing says what is executable here. Programs have zeros in their first bytes, or an interpreter. */
function modeOfSingle(head: Buffer): number {
  return head.includes(0) || head.toString("latin1", 0, 2) === "#!" ? 0o755 : 0o644;
}

/**
 * Writes a file, in place of one that an earlier entry of the same name has left. The stream is read
 * at once: an error of one that nobody listens to ends the process.
 */
async function writeEntry(content: AsyncIterable<Uint8Array>, target: string, mode: number): Promise<void> {
  await pipeline(content, createWriteStream(target));
  await chmod(target, mode);
}

/** "Made by" Unix: the upper half of the external attributes is the mode (APPNOTE.TXT 4.4.2). */
const madeByUnix = 3;

/** Parts of a mode (inode(7)). */
const fileTypeBits = 0o170000;
const symbolicLink = 0o120000;

function modeOf(bits: number): number {
  return (bits & 0o111) === 0 ? 0o644 : 0o755;
}

/** An error of the file system, such as a full disk: it is not about the archive. */
function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
