import * as z from "zod";
import { releaseFormats } from "../../lib/archive/format";
import { checkTargetSystem } from "../../lib/target/target";
import { archiveDefinition, archiveFile } from "../../resources/definitions/archive";
import { commandDefinition } from "../../resources/definitions/command";
import { checked } from "../../resources/definitions/definition";
import { exactlyOne } from "../../resources/definitions/exactly-one";
import { renamedFields } from "../../resources/definitions/renamed-fields";
import { targets } from "./platform-list";
import { isChannelTarget, type ChannelTarget } from "./channel-target";
import { isDocumentTarget, type DocumentTarget } from "./document";
import { isInstaller, type Installer } from "./installer";
import { isReleaseTarget, type ReleaseTarget } from "./release-target";
import { platformNames, platformWords, template, versionNames } from "./templates";
import { narrowed, type AnyName, type ExactlyOneOf, type Retyped } from "./variants";

/** Declaration of archives, sums and releases. */

const names = [...platformNames, ...versionNames, "name"];

const fileFields = z.strictObject({
  /** Path in the archive. `{os}`, `{arch}`, `{exe}` and the like are replaced. */
  path: template(names, "bin/hello{exe}"),
  /** Name of a binary of this distribution, for the archive's platform. */
  binary: z.string().min(1).optional(),
  /** File or folder, relative to the project's folder. */
  source: template(names, "dist/hello_{os}_{arch}").optional(),
  /** Content of a file, as UTF-8. */
  content: archiveFile.shape.content,
  /** Target of a symbolic link. */
  symlink: archiveFile.shape.symlink,
  /**
   * Octal mode, e.g. `"0755"`. Default: 0755 for files that are executable on disk, 0644 for the
   * rest.
   */
  mode: archiveFile.shape.mode,
});

const contents = ["binary", "source", "content", "symlink"] as const;

/**
 * A file of an archive, with what it is: a binary, from the project, or as it is written.
 *
 * @typeParam Programs names of the distribution's binaries and downloads
 */
export type ArchivedFileDeclaration<Programs extends string = AnyName> = ExactlyOneOf<
  Retyped<z.infer<typeof fileFields>, { binary: Programs | undefined }>,
  (typeof contents)[number]
>;

const archivedFile = narrowed<ArchivedFileDeclaration<string>>(
  fileFields.superRefine(
    exactlyOne(contents, "has no content", '{ path: "README.md", source: "README.md" }'),
  ),
);

const format = z.enum(releaseFormats);

/** An archive for each platform. */
export const archive = z.strictObject({
  /** Binaries at the top of the archive, under their names. */
  binaries: z
    .array(z.string().min(1))
    .min(1)
    .meta({ examples: [["hello"]] })
    .optional(),
  /** Further files, or binaries at other paths. */
  files: z.array(archivedFile).min(1, "at least one file is expected").optional(),
  /** Default: the platforms that all of its binaries have. */
  platforms: targets.optional(),
  /**
   * Name without ending, from `{name}`, `{version}`, `{semver}`, `{tag}`, `{os}`, `{arch}`,
   * `{variant}` and `{triple}`, the platform's name in Rust.
   */
  name: template(names, "{name}_{semver}_{os}_{arch}{variant}").optional(),
  /** Words that `{os}`, `{arch}` and `{variant}` stand for, instead of Go's. */
  names: platformWords.optional(),
  /**
   * `binary` is one program as it is, and `gz` that program compressed, under the archive's name.
   * Default: `tar.gz`.
   */
  format: format.optional(),
  /** Formats by operating system, e.g. `{ windows: "zip" }`. */
  formats: z
    .record(checked(checkTargetSystem), format)
    .meta({ examples: [{ windows: "zip" }] })
    .optional(),
  /** Folder that contains everything. Default: none; the archive is flat. */
  root: template(names, "{name}-{semver}").optional(),
  /** Name of a sums file over the files inside. Default: none. */
  checksums: archiveDefinition.inputs.shape.checksums,
  /** Further names, without ending, for the same bytes, e.g. `hello_latest_{os}_{arch}`. */
  alsoNames: z.array(template(names, "hello_latest_{os}_{arch}")).optional(),
  /** Folder that the archives are placed in, relative to the project's. Default: `dist/STACK/VERSION`. */
  directory: z.string().min(1).optional(),
});

renamedFields(archive, { targets: "platforms", sums: "checksums", aliases: "alsoNames" });

const command = commandDefinition.inputs.shape;

/** Files of the release that a command makes, such as a wheel or an image of a disk. */
export const extraArtifact = z.strictObject({
  /** Folder of the sources, relative to the project's. */
  directory: command.directory,
  /**
   * Program and arguments, or a text for `sh -eu`; it leaves the files in `{output}` under their names. With
   * `image` it can have `{repository}`, `{digest}` and `{reference}`, as its variables can.
   */
  command: command.command,
  /** Patterns of the files that they are made from. */
  sources: command.sources,
  /** Variables of the command. */
  env: command.env,
  /**
   * Variables of the machine that the command gets although their names mark them as secrets.
   * Default: none.
   */
  inherit: command.inherit,
  /** Names of the files, from `{name}`, `{version}`, `{semver}` and `{tag}`, as users download them. */
  outputs: z
    .array(template([...versionNames, "name"], "hello-{semver}.iso"))
    .min(1, "at least one file name is expected")
    .meta({ examples: [["hello-{semver}.iso"]] }),
  /** Seconds after which the command is stopped. Default: 3600. */
  timeoutSeconds: command.timeoutSeconds,
  /** Whether the command may run at preview. Default: true; false with `image`, which is pushed by then only. */
  atPreview: command.atPreview,
  /** Name of an image that the files are made of: the command runs once it is in its registry, by digest. */
  image: z
    .string()
    .min(1)
    .meta({ examples: ["hello"] })
    .optional(),
});

renamedFields(extraArtifact, { environment: "env" });

/** The sums file. */
export const checksums = z.strictObject({
  /** Default: `SHA256SUMS`. */
  name: z.string().min(1).optional(),
  /** Default: `dist/STACK/VERSION`. */
  directory: z.string().min(1).optional(),
});

/** One release target or several. */
export const releases = z.custom<ReleaseTarget | ReleaseTarget[]>(
  (value) =>
    isReleaseTarget(value) || (Array.isArray(value) && value.length > 0 && value.every(isReleaseTarget)),
  "a release target or a list of them is expected (a valid example: directoryRelease({ " +
    'directory: ".slipway/releases" }))',
);

/** Scripts that install what is released, by file name. */
export const installers = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "a file name of letters, digits and ._- is expected")
      .meta({ examples: ["install.sh"] }),
    z.custom<Installer>(
      isInstaller,
      "shellInstaller(…) or another object with render() is expected (a valid example: " +
        'installers: { "install.sh": shellInstaller() })',
    ),
  )
  .refine((map) => Object.keys(map).length > 0, "at least one installer is expected");

/** Files of the project that follow the declaration or the release. */
export const documents = z
  .array(
    z.custom<DocumentTarget>(
      isDocumentTarget,
      "fileRegions(…) or another object with kind, path and edits() is expected",
    ),
  )
  .meta({ examples: ['fileRegions("README.md", { version: "The latest version is {version}." })'] });

/** Ways in which a release reaches those who install it. */
export const channels = z
  .array(
    z.custom<ChannelTarget>(
      isChannelTarget,
      "homebrewFormula(…), scoopManifest(…) or another object with kind, name and create() is expected",
    ),
  )
  .meta({
    examples: [
      'homebrewFormula({ tap: "https://github.com/acme/homebrew-tap.git", description: "Says hello", homepage: "https://acme.example" })',
    ],
  });

/**
 * An archive for each target.
 *
 * @typeParam Programs names of the distribution's binaries and downloads
 */
export interface ArchiveDeclaration<Programs extends string = AnyName> extends Retyped<
  z.infer<typeof archive>,
  { binaries: Programs[] | undefined; files: ArchivedFileDeclaration<Programs>[] | undefined }
> {}
export type ChecksumsDeclaration = z.infer<typeof checksums>;
export interface ExtraArtifactDeclaration extends z.infer<typeof extraArtifact> {}
