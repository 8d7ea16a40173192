import * as z from "zod";
import { archiveFormats } from "../../lib/archive/format";
import { exactlyOne } from "../../resources/definitions/exactly-one";
import { platforms } from "./platform-list";
import { ReleaseTarget } from "./release-target";

/** What a program declares of archives, sums and releases. */

const archivedFile = z
  .strictObject({
    /** Path in the archive. `{os}`, `{arch}`, `{exe}` and the like are replaced. */
    path: z
      .string()
      .min(1)
      .meta({ examples: ["bin/hello{exe}"] }),
    /** Name of a binary of this distribution, for the archive's target. */
    binary: z.string().min(1).optional(),
    /** File or folder, relative to the project's folder. */
    source: z.string().min(1).optional(),
    /** Content of a file, as UTF-8. */
    content: z.string().optional(),
    /** Target of a symbolic link. */
    symlink: z.string().min(1).optional(),
    /** Octal mode, e.g. `"0755"`. Default: 0755 for what is executable on disk, 0644 for the rest. */
    mode: z.string().optional(),
  })
  .superRefine(
    exactlyOne(
      ["binary", "source", "content", "symlink"],
      "says not what is there",
      '{ path: "README.md", source: "README.md" }',
    ),
  );

const format = z.enum(archiveFormats);

/** An archive for each target. */
export const archive = z.strictObject({
  /** Binaries at the top of the archive, under their names. */
  binaries: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["hello"]] })
    .optional(),
  /** Further files, or binaries at other paths. */
  files: z.array(archivedFile).min(1, "at least one file is expected").optional(),
  /** Default: those that all of its binaries have. */
  targets: platforms.optional(),
  /** Name without ending, from `{name}`, `{version}`, `{semver}`, `{tag}`, `{os}`, `{arch}` and `{variant}`. */
  name: z
    .string()
    .min(1)
    .meta({ examples: ["{name}_{semver}_{os}_{arch}{variant}"] })
    .optional(),
  /** Default: `tar.gz`. */
  format: format.optional(),
  /** Formats by operating system, e.g. `{ windows: "zip" }`. */
  formats: z.record(z.string(), format).optional(),
  /** Folder that everything is in. Default: none, the archive is flat. */
  root: z.string().min(1).optional(),
  /** Name of a sums file over the files inside. Default: none. */
  sums: z.string().min(1).optional(),
  /** Further names, without ending, for the same bytes, e.g. `hello_latest_{os}_{arch}`. */
  aliases: z.array(z.string().min(1)).optional(),
  /** Folder that the archives are placed in, relative to the project's. Default: `dist`. */
  directory: z.string().min(1).optional(),
});

/** The sums file. */
export const checksums = z.strictObject({
  /** Default: `SHA256SUMS`. */
  name: z.string().min(1).optional(),
  /** Default: `dist`. */
  directory: z.string().min(1).optional(),
});

/** One release target or several. */
export const releases = z.custom<ReleaseTarget | ReleaseTarget[]>(
  (value) =>
    value instanceof ReleaseTarget ||
    (Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof ReleaseTarget)),
  `a release target or a list of them is expected (a valid example: directoryRelease({ directory: ".slipway/releases" }))`,
);

export type ArchiveDeclaration = z.infer<typeof archive>;
export type ArchivedFileDeclaration = z.infer<typeof archivedFile>;
export type ChecksumsDeclaration = z.infer<typeof checksums>;
