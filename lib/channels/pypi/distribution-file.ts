import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { extract as tarExtract } from "tar-stream";
import { openPromise } from "yauzl";
import { collectBytes } from "../../oci/collected-bytes";
import { gunzip } from "../../oci/layer/gzip-decompression";
import { unpackedWithin } from "../../oci/layer/unpack-limit";
import { parseCoreMetadata, type CoreMetadata } from "./core-metadata";

/** Bytes of metadata that are read: a long description has some hundred thousand. */
const metadataLimitBytes = 8 * 1024 * 1024;

/** Entries of a file that are looked at. */
const maximumEntries = 200_000;

/** Bit of an entry whose sizes stand behind its content (APPNOTE.TXT 4.4.4, bit 3). */
const dataDescriptor = 1 << 3;

/** A file of a Python project's version. */
export interface DistributionFile {
  /** File name, which says project and version. */
  readonly name: string;
  readonly type: "bdist_wheel" | "sdist";
  /** Interpreter that the form names: the tag of a wheel, `source` for an sdist. */
  readonly pythonVersion: string;
  /** Project and version as the file name has them. */
  readonly project: string;
  readonly version: string;
}

/** File names of wheels (PEP 427) and of sdists (PEP 625). */
const wheelName =
  /^(?<project>[A-Za-z0-9][A-Za-z0-9._]*)-(?<version>[^-]+)(?:-\d[^-]*)?-(?<python>[^-]+)-(?<abi>[^-]+)-(?<platform>[^-]+)\.whl$/;
const sdistName = /^(?<project>[A-Za-z0-9][A-Za-z0-9._-]*)-(?<version>[^-]+)\.tar\.gz$/;

/**
 * Returns what the name of a file says.
 *
 * @throws Error for what is neither a wheel nor an sdist
 */
export function parseFileName(name: string): DistributionFile {
  const wheel = wheelName.exec(name)?.groups;
  if (wheel) {
    const { project = "", version = "", python = "" } = wheel;
    return { name, type: "bdist_wheel", pythonVersion: python, project, version };
  }
  const sdist = sdistName.exec(name)?.groups;
  if (sdist) {
    const { project = "", version = "" } = sdist;
    return { name, type: "sdist", pythonVersion: "source", project, version };
  }
  throw new Error(
    `${JSON.stringify(name)} is neither a wheel nor an sdist by its name (PEP 427, PEP 625; valid examples: ` +
      '"hello_world-1.2.0-py3-none-any.whl", "hello_world-1.2.0.tar.gz")',
  );
}

/**
 * Reads what a file says of itself.
 *
 * @param wantsSizesFirst whether a wheel with data descriptors (APPNOTE.TXT 4.3.9) is refused
 * @throws Error for a damaged file, and for one without metadata
 */
export async function readCoreMetadata(file: string, wantsSizesFirst = false): Promise<CoreMetadata> {
  const { type } = parseFileName(path.basename(file));
  const found = await (
    type === "sdist" ? packageInformation(file) : wheelMetadata(file, wantsSizesFirst)
  ).catch((error: unknown) => {
    throw new Error(
      `cannot be read as ${type === "sdist" ? "an sdist" : "a wheel"}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  });
  if (!found)
    throw new Error(type === "sdist" ? "has no PKG-INFO" : "has no METADATA in a folder *.dist-info");
  return parseCoreMetadata(found.text, found.entry);
}

interface FoundText {
  readonly entry: string;
  readonly text: string;
}

async function wheelMetadata(file: string, wantsSizesFirst: boolean): Promise<FoundText | undefined> {
  const zip = await openPromise(file);
  let found: FoundText | undefined;
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (++count > maximumEntries) throw new Error(`it has more than ${maximumEntries} entries`);
      if (wantsSizesFirst && (entry.generalPurposeBitFlag & dataDescriptor) !== 0) {
        throw new Error(
          `${entry.fileName} has its size after its content, in a data descriptor, and PyPI takes no such wheel: ` +
            "write it with a tool that can seek in the file, such as Python's zipfile",
        );
      }
      if (!/^[^/]+\.dist-info\/METADATA$/.test(entry.fileName)) continue;
      if (found) throw new Error(`it has metadata twice: ${found.entry} and ${entry.fileName}`);
      found = { entry: entry.fileName, text: await textOf(await zip.openReadStreamPromise(entry)) };
    }
  } finally {
    zip.close();
  }
  return found;
}

async function packageInformation(file: string): Promise<FoundText | undefined> {
  const entries = tarExtract();
  const { size } = await stat(file);
  const unpacked = unpackedWithin(gunzip(createReadStream(file)), size);
  const reading = pipeline(Readable.from(unpacked), entries);
  reading.catch(() => undefined);
  let count = 0;
  for await (const entry of entries) {
    if (++count > maximumEntries) throw new Error(`it has more than ${maximumEntries} entries`);
    const name = entry.header.name.replace(/^\.\//, "");
    if (entry.header.type !== "file" || !/^[^/]+\/PKG-INFO$/.test(name)) {
      entry.resume();
      continue;
    }
    const text = await textOf(entry as AsyncIterable<Uint8Array>);
    // Not read to its end: the metadata is in one of the first entries.
    entries.destroy();
    return { entry: name, text };
  }
  await reading;
  return undefined;
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const bytes = await collectBytes(
    content,
    metadataLimitBytes,
    () => new Error(`its metadata is larger than ${metadataLimitBytes} bytes`),
  );
  return bytes.toString("utf8");
}
