import { createHash } from "node:crypto";
import { constants, closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

/** Bytes read at once, and the size of the buffer that {@link readSmallFile} wants. */
export const readSize = 256 * 1024;

/** A symbolic link put in the place of a file after it was looked at is an error, not followed. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * Identity and version of a file on disk; equal stamps mean equal content (see HashCache for when
 * they are trusted).
 */
export interface FileStamp {
  readonly size: number;
  readonly ino: string;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** The stamp in a `bigint` stat result. */
export function fileStamp(stat: { size: bigint; ino: bigint; mtimeNs: bigint; ctimeNs: bigint }): FileStamp {
  return {
    size: Number(stat.size),
    ino: String(stat.ino),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
  };
}

/** Returns whether two stamps are of the same file in the same version. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.ino === b.ino && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

/**
 * Reads a file in pieces of up to 1 MiB, the next one while the last is in use. A piece is valid
 * until the next is asked for: copy what is to be kept. Symbolic links are not followed.
 *
 * @throws the error of the file system.
 */
export async function* readFileContent(path: string): AsyncGenerator<Buffer, void, undefined> {
  const file = await open(path, openFlags);
  let pending: Promise<unknown> = Promise.resolve();
  try {
    let current = Buffer.allocUnsafeSlow(readSize);
    let other = Buffer.allocUnsafeSlow(readSize);
    let reading = file.read(current, 0, readSize, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      const full = current;
      [current, other] = [other, full];
      reading = file.read(current, 0, readSize, null);
      pending = reading.catch(() => undefined);
      yield full.subarray(0, bytesRead);
    }
  } finally {
    await pending;
    await file.close();
  }
}

/**
 * Reads a file that fits in the buffer, all at once; undefined where it does not fit. Much faster
 * than {@link readFileContent} for the many small files of a directory.
 */
export function readSmallFile(path: string, expectedSize: number, buffer: Buffer): Buffer | undefined {
  if (expectedSize >= buffer.length) return undefined;
  const file = openSync(path, openFlags);
  try {
    let length = 0;
    while (length < buffer.length) {
      const bytesRead = readSync(file, buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

const hashBuffer = Buffer.allocUnsafeSlow(readSize);

/**
 * Hashes a file and says which version of it that was.
 *
 * @throws where the file changes while it is read.
 */
export async function hashFile(path: string): Promise<{ digest: string; stamp: FileStamp }> {
  const before = stampOf(path);
  const hash = createHash("sha256");
  const small = readSmallFile(path, before.size, hashBuffer);
  if (small) hash.update(small);
  else for await (const piece of readFileContent(path)) hash.update(piece);
  if (!sameStamp(before, stampOf(path))) {
    throw new Error(`${path} changed while it was read; build again once nothing writes to it`);
  }
  return { digest: `sha256:${hash.digest("hex")}`, stamp: before };
}

function stampOf(path: string): FileStamp {
  const file = openSync(path, openFlags);
  try {
    return fileStamp(fstatSync(file, { bigint: true }));
  } finally {
    closeSync(file);
  }
}
