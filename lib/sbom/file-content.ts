import { createHash } from "node:crypto";
import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { GoBuildInfoScanner, type GoBuildInfo } from "./go-build-info";
import { PackageFileLimitError } from "./packages/package-file-limit-error";
import { packageFile, unreadPackageFile, type Declaration, type PackageFile } from "./packages/package-files";

/** A file of an image and what its content says. */
export interface FileContent {
  /** In bytes. */
  readonly size: number;
  /** Permission bits, with those for set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Hexadecimal; SPDX asks for it. */
  readonly sha1: string;
  readonly declaration?: Declaration;
  readonly program?: GoBuildInfo;
  /** Kind of file whose packages could not be read. */
  readonly unread?: string;
}

/**
 * Reads one file in one pass. Memory holds a package list, or a part of a program.
 *
 * @param path in the image, without a leading slash
 * @param beforeList called with the size of a package list, in bytes, before it is read; what it
 * throws is passed on
 */
export async function readFileContent(
  path: string,
  mode: number,
  content: AsyncIterable<Buffer>,
  beforeList: (bytes: number) => void = () => undefined,
): Promise<FileContent> {
  const sha256 = createHash("sha256");
  const sha1 = createHash("sha1");
  const reader = packageFile(path);
  const scanner = reader ? undefined : new GoBuildInfoScanner();
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    sha256.update(chunk);
    sha1.update(chunk);
    size += chunk.length;
    if (reader && size <= reader.largest) kept.push(chunk);
    scanner?.push(chunk);
  }
  const program = scanner?.finish();
  if (reader && size <= reader.largest) beforeList(size);
  const declared = reader ? declarationOf(reader, kept, size) : {};
  const outdated = scanner?.outdated ? "Go program of before Go 1.18" : undefined;
  const unread = declared.unread ?? outdated ?? unreadPackageFile(path);
  return defined({
    size,
    mode: mode & 0o7777,
    sha256: sha256.digest("hex"),
    sha1: sha1.digest("hex"),
    declaration: declared.declaration,
    program,
    unread: nonEmpty(unread),
  });
}

function declarationOf(
  reader: PackageFile,
  kept: readonly Buffer[],
  size: number,
): Pick<FileContent, "declaration" | "unread"> {
  if (size > reader.largest) {
    return { unread: `package list of more than ${reader.largest / 1024} KiB` };
  }
  try {
    const declaration = reader.read(Buffer.concat(kept).toString("utf8"));
    // A copy: parts of a text keep all of it in memory.
    return { declaration: JSON.parse(JSON.stringify(declaration)) as Declaration };
  } catch (error) {
    if (error instanceof PackageFileLimitError) return { unread: error.message };
    throw error;
  }
}
