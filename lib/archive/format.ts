import type { Compression } from "../oci/layer/compression";

/** Archives that Slipway writes. */
export const archiveFormats = ["tar.gz", "tar.zst", "zip"] as const;

export type ArchiveFormat = (typeof archiveFormats)[number];

/** Forms of one program that is released without an archive: as it is, and compressed. */
export const fileFormats = ["binary", "gz"] as const;

export type FileFormat = (typeof fileFormats)[number];

/** Everything that a program can be released as. */
export const releaseFormats = [...archiveFormats, ...fileFormats] as const;

export type ReleaseFormat = (typeof releaseFormats)[number];

/** What is written as one file: a release format, or a package of Python (`wheel`), of NuGet (`nupkg`) or of snapd (`snap`). */
export const writtenFormats = [...releaseFormats, "wheel", "nupkg", "snap"] as const;

export type WrittenFormat = (typeof writtenFormats)[number];

/** Returns whether a format holds one file, without its name and mode. */
export function isFileFormat(format: WrittenFormat): format is FileFormat {
  return (fileFormats as readonly string[]).includes(format);
}

/**
 * An archive that cannot be written as declared. The message starts with the field that it is
 * about.
 */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  constructor(
    /** Path of the property in the declaration, e.g. `entries[2].path`. */
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

const endings: readonly (readonly [ending: string, format: ArchiveFormat])[] = [
  [".tar.gz", "tar.gz"],
  [".tgz", "tar.gz"],
  [".tar.zst", "tar.zst"],
  [".zip", "zip"],
];

/** Format of an archive by its name; undefined where the name does not tell. */
export function formatOfName(name: string): ArchiveFormat | undefined {
  return endings.find(([ending]) => name.toLowerCase().endsWith(ending))?.[1];
}

/** Compression of a tar archive; undefined for what is none. */
export function tarCompression(format: WrittenFormat): Exclude<Compression, "none"> | undefined {
  if (format === "tar.gz") return "gzip";
  return format === "tar.zst" ? "zstd" : undefined;
}
