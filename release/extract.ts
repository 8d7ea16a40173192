import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unzipSync } from "fflate";
import { extract as tarExtract } from "tar-stream";
import { formatOfName } from "../archive/format";
import { temporaryName } from "../oci/atomic-file";

/** An archive that does not hold what is wanted of it. */
export class ExtractError extends Error {
  override readonly name = "ExtractError";
}

/** Largest zip archive that is unpacked, in bytes: it is read whole. */
const largestZip = 1024 ** 3;

/**
 * Takes files out of an archive into a folder, each under its path in the archive. A leading `./` does not matter.
 *
 * @param name name of the archive, whose end tells the format
 * @throws ExtractError for a file that is not in it, or a format that is not read
 */
export async function extractFiles(
  archive: string,
  name: string,
  wanted: readonly string[],
  folder: string,
): Promise<void> {
  const format = formatOfName(name);
  const left = new Set(wanted);
  const prepared = temporaryName(folder);
  try {
    await mkdir(prepared, { recursive: true });
    if (format === "tar.gz") await fromTar(archive, left, prepared);
    else if (format === "zip") await fromZip(archive, left, prepared);
    else throw new ExtractError(`${name}: files can be taken out of .tar.gz and .zip archives only`);
    if (left.size > 0)
      throw new ExtractError(
        `${name} has no file ${[...left].map((file) => JSON.stringify(file)).join(", ")}`,
      );
    await rm(folder, { recursive: true, force: true });
    await rename(prepared, folder);
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
}

async function fromTar(archive: string, left: Set<string>, folder: string): Promise<void> {
  const entries = tarExtract();
  const reading = pipeline(createReadStream(archive), createGunzip(), entries);
  reading.catch(() => undefined);
  for await (const entry of entries) {
    const name = entry.header.name.replace(/^\.\//, "");
    if (entry.header.type === "file" && left.delete(name)) {
      const target = path.join(folder, name);
      await mkdir(path.dirname(target), { recursive: true });
      await pipeline(entry, createWriteStream(target));
    } else entry.resume();
  }
  await reading;
}

async function fromZip(archive: string, left: Set<string>, folder: string): Promise<void> {
  if ((await stat(archive)).size > largestZip) {
    throw new ExtractError(`${archive} has more than 1 GiB: take files out of a .tar.gz archive`);
  }
  const files = unzipSync(await readFile(archive), { filter: ({ name }) => left.has(name) });
  for (const [name, bytes] of Object.entries(files)) {
    left.delete(name);
    const target = path.join(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}
