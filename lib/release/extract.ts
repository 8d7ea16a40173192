import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract as tarExtract } from "tar-stream";
import { openPromise } from "yauzl";
import { formatOfName } from "../archive/format";
import { temporaryName } from "../machine/atomic-file";
import { unpackedWithin, type UnpackLimit } from "../oci/layer/unpack-limit";

/** An archive that does not hold what is wanted of it. */
export class ExtractError extends Error {
  override readonly name = "ExtractError";
}

/** Entries of an archive that are looked at: those of the largest source trees are fewer. */
const maximumEntries = 1_000_000;

/**
 * Takes files out of an archive into a folder, each under its path in the archive, executable where
 * it is so there. A leading `./` does not matter.
 *
 * @param name name of the archive, whose end tells the format
 * @param limit of what may come out of it; {@link unpackLimit} unless given
 * @throws ExtractError for a file that is not in it, a format that is not read, a damaged archive,
 * or too much content
 */
export async function extractFiles(
  archive: string,
  name: string,
  wanted: readonly string[],
  folder: string,
  limit?: UnpackLimit,
): Promise<void> {
  const format = formatOfName(name);
  const left = new Set(wanted);
  const prepared = temporaryName(folder);
  try {
    // All before anything is read: the stream of a damaged file fails at once, and is to be
    // listened to by then.
    for (const file of wanted) await mkdir(path.dirname(path.join(prepared, file)), { recursive: true });
    if (format === "tar.gz") await fromTar(archive, left, prepared, limit);
    else if (format === "zip") await fromZip(archive, left, prepared, limit);
    else throw new ExtractError(`${name}: files can be extracted from .tar.gz and .zip archives only`);
    if (left.size > 0)
      throw new ExtractError(
        `${name} has no file ${[...left].map((file) => JSON.stringify(file)).join(", ")}`,
      );
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

async function fromTar(
  archive: string,
  left: Set<string>,
  folder: string,
  limit?: UnpackLimit,
): Promise<void> {
  const { size } = await stat(archive);
  const entries = tarExtract();
  const unpacked = (gzip: AsyncIterable<Uint8Array>) => unpackedWithin(gzip, size, limit);
  const reading = pipeline(createReadStream(archive), createGunzip(), unpacked, entries);
  reading.catch(() => undefined);
  let count = 0;
  for await (const entry of entries) {
    if (++count > maximumEntries)
      throw new ExtractError(`${archive} has more than ${maximumEntries} entries`);
    const name = entry.header.name.replace(/^\.\//, "");
    if (entry.header.type === "file" && left.delete(name)) {
      const mode = modeOf(entry.header.mode ?? 0);
      await pipeline(entry, createWriteStream(path.join(folder, name), { mode }));
    } else entry.resume();
  }
  await reading;
}

/**
 * Reads the directory of the archive and no more of it than the files that are wanted, each as a
 * stream.
 */
async function fromZip(
  archive: string,
  left: Set<string>,
  folder: string,
  limit?: UnpackLimit,
): Promise<void> {
  const zip = await openPromise(archive);
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (++count > maximumEntries)
        throw new ExtractError(`${archive} has more than ${maximumEntries} entries`);
      const name = entry.fileName.replace(/^\.\//, "");
      if (name.endsWith("/") || !left.delete(name)) continue;
      const content = await zip.openReadStreamPromise(entry);
      const unpacked = unpackedWithin(content as AsyncIterable<Uint8Array>, entry.compressedSize, limit);
      const byUnix = entry.versionMadeBy >>> 8 === madeByUnix;
      const mode = modeOf(byUnix ? entry.externalFileAttributes >>> 16 : 0);
      await pipeline(unpacked, createWriteStream(path.join(folder, name), { mode }));
    }
  } finally {
    zip.close();
  }
}

/** "Made by" Unix: the upper half of the external attributes is the mode (APPNOTE.TXT 4.4.2). */
const madeByUnix = 3;

function modeOf(bits: number): number {
  return (bits & 0o111) === 0 ? 0o644 : 0o755;
}

/** An error of the file system, such as a full disk: it is not about the archive. */
function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
