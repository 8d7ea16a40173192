import { defined } from "../../lib/objects/defined";
import { parseTarget } from "../../lib/target/target";
import { isFileFormat, type FileFormat, type ReleaseFormat } from "../../lib/archive/format";
import type { DistributionDeclaration } from "./declaration";
import { platformsOfProgram } from "./programs";
import type { ArchiveDeclaration } from "./release-declaration";
import { platformValues, versionValues, fillTemplate, type TemplateValues } from "./templates";

const defaultName = "{name}_{semver}_{os}_{arch}{variant}";

/** An archive as it will be made for one platform. */
export interface PlannedArchive {
  /** Name in the declaration. */
  archive: string;
  platform: string;
  /** Paths of the archive and its further names, relative to the project's folder. */
  paths: string[];
  root?: string;
  /** Form of a program that is no archive: its name does not tell it. */
  format?: FileFormat;
}

/**
 * The archives of a declaration, with their names filled in.
 *
 * @param defaultDirectory folder of those that declare none, relative to the project's
 */
export function planArchives(
  args: Pick<DistributionDeclaration, "archives" | "binaries" | "downloads" | "platforms" | "version">,
  defaultDirectory: string,
): PlannedArchive[] {
  return Object.entries(args.archives ?? {}).flatMap(([archive, declaration]) =>
    platformsOfArchive(declaration, args).map((platform) => {
      const values = templateValues(archive, platform, args.version ?? "", declaration.names);
      const os = parseTarget(platform).os;
      const format = declaration.formats?.[os] ?? declaration.format ?? "tar.gz";
      const folder = declaration.directory ?? defaultDirectory;
      const names = [declaration.name ?? defaultName, ...(declaration.alsoNames ?? [])];
      return defined({
        archive,
        platform,
        paths: names.map((name) => `${folder}/${fileName(fillTemplate(name, values), format, os)}`),
        format: isFileFormat(format) ? format : undefined,
        root: declaration.root === undefined ? undefined : fillTemplate(declaration.root, values),
      });
    }),
  );
}

/** A program has the ending that its system wants, once. */
function fileName(name: string, format: ReleaseFormat, os: string): string {
  if (!isFileFormat(format)) return `${name}.${format}`;
  const program = os === "windows" && !name.endsWith(".exe") ? `${name}.exe` : name;
  return format === "gz" ? `${program}.gz` : program;
}

/**
 * Platforms that an archive is made for: the declared ones, or those that all of its binaries have.
 */
export function platformsOfArchive(
  declaration: ArchiveDeclaration<string>,
  args: Pick<DistributionDeclaration, "binaries" | "downloads" | "platforms">,
): string[] {
  if (declaration.platforms) return declaration.platforms;
  const lists = binariesOf(declaration).map((name) => platformsOfProgram(name, args));
  const [first = args.platforms, ...others] = lists;
  return first.filter((platform) => others.every((list) => list.includes(platform)));
}

/** Names of the binaries that an archive holds. */
export function binariesOf({ binaries = [], files = [] }: ArchiveDeclaration<string>): string[] {
  return [...binaries, ...files.flatMap(({ binary }) => (binary === undefined ? [] : [binary]))];
}

/** Returns what the names of an archive, and of what is in it, are filled with. */
export function templateValues(
  archive: string,
  platform: string,
  version: string,
  words?: TemplateValues,
): TemplateValues {
  return { ...platformValues(platform, words), ...versionValues(version), name: archive };
}
