import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { extract as tarExtract } from "tar-stream";
import { parse } from "semver";
import { parseBoundedJson } from "../../oci/bounded-json";
import { collectBytes } from "../../oci/collected-bytes";
import { gunzip } from "../../oci/layer/gzip-decompression";
import { unpackedWithin } from "../../oci/layer/unpack-limit";
import { checkPackageName } from "./package-name";

/** Bytes of a `package.json` that are read. */
const manifestLimitBytes = 8 * 1024 * 1024;

/**
 * Largest tarball that is published, in bytes: a registry takes it as base64 in JSON, which is in
 * memory at once, here and there.
 */
const largestTarball = 256 * 1024 * 1024;

/** A package as its tarball has it. */
export interface PackageFile {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Its `package.json`. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Hash that clients check, `sha512-BASE64` (W3C Subresource Integrity). */
  readonly integrity: string;
  /** SHA-1 in hexadecimal digits, for old clients. */
  readonly shasum: string;
  /** Size in bytes. */
  readonly size: number;
}

/**
 * Reads a tarball.
 *
 * @throws Error where it is damaged, or its `package.json` is not one that npm takes
 */
export async function readPackageFile(path: string): Promise<PackageFile> {
  const { size } = await stat(path);
  if (size > largestTarball)
    throw new Error(`has ${size} bytes, and ${largestTarball} is the most that is published`);
  const manifest = await manifestOf(path, size).catch((error: unknown) => {
    throw new Error(`cannot be read as a tarball of npm: ${(error as Error).message}`, { cause: error });
  });
  const { name, version } = manifest;
  if (typeof name !== "string" || typeof version !== "string") {
    throw new Error("has a package.json without name or version");
  }
  checkPackageName(name);
  if (parse(version)?.version !== version) {
    throw new Error(
      `has the version ${JSON.stringify(version)}, which is not one of npm (a valid example: "1.2.0-rc.1")`,
    );
  }
  if (manifest.private === true) throw new Error("has a package.json that says private: true");
  const bytes = await readFile(path);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return {
    path,
    name,
    version,
    manifest,
    integrity,
    shasum: createHash("sha1").update(bytes).digest("hex"),
    size,
  };
}

async function manifestOf(path: string, size: number): Promise<Record<string, unknown>> {
  const entries = tarExtract();
  const reading = pipeline(Readable.from(unpackedWithin(gunzip(createReadStream(path)), size)), entries);
  reading.catch(() => undefined);
  for await (const entry of entries) {
    // Clients take away the first folder, whatever its name.
    if (entry.header.type !== "file" || !/^[^/]+\/package\.json$/.test(entry.header.name)) {
      entry.resume();
      continue;
    }
    const bytes = await collectBytes(
      entry as AsyncIterable<Uint8Array>,
      manifestLimitBytes,
      () => new Error(`its package.json is larger than ${manifestLimitBytes} bytes`),
    );
    entries.destroy();
    const parsed = parseBoundedJson(bytes);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
      throw new Error("its package.json is no object");
    return parsed as Record<string, unknown>;
  }
  await reading;
  throw new Error("it has no package.json in its first folder");
}
