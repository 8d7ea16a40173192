import * as pulumi from "@pulumi/pulumi";
import { parsePlatform } from "../lib/oci/platform";
import type { Artefact } from "../resources/definitions/artifact";
import { Archive } from "../resources";
import type { DistributionArgs } from "./declaration/declaration";
import { targetsOfProgram } from "./declaration/download-declaration";
import type { BinaryFile } from "./binary";
import type { ArchiveDeclaration, ArchivedFileDeclaration } from "./declaration/release-declaration";
import { fillTemplate, platformValues, versionValues, type TemplateValues } from "./declaration/templates";

/** Folder of archives and sums, relative to the project's, where none is declared. */
export const defaultDirectory = "dist";
const defaultName = "{name}_{semver}_{os}_{arch}{variant}";

/** Gives a program for a platform, built or downloaded once however many take it. */
export type BinaryOf = (binary: string, platform: string) => BinaryFile;

/** The archives of a distribution. */
export interface Archives {
  /** Archives and their further names. Number and order are known at once. */
  artefacts: pulumi.Output<Artefact>[];
  /** Whatever is published has to wait for these. */
  resources: pulumi.Resource[];
}

/** An archive as it will be made for one target. */
export interface PlannedArchive {
  /** Name in the declaration. */
  archive: string;
  platform: string;
  /** Paths of the archive and its further names, relative to the project's folder. */
  paths: string[];
  root?: string;
}

/** The archives of a declaration, with their names filled in. */
export function planArchives(
  args: Pick<DistributionArgs, "archives" | "binaries" | "downloads" | "platforms" | "version">,
): PlannedArchive[] {
  return Object.entries(args.archives ?? {}).flatMap(([archive, declaration]) =>
    targetsOf(declaration, args).map((platform) => {
      const values = templateValues(archive, platform, args.version ?? "");
      const os = parsePlatform(platform).os;
      const ending = declaration.formats?.[os] ?? declaration.format ?? "tar.gz";
      const folder = declaration.directory ?? defaultDirectory;
      const names = [declaration.name ?? defaultName, ...(declaration.aliases ?? [])];
      return {
        archive,
        platform,
        paths: names.map((name) => `${folder}/${fillTemplate(name, values)}.${ending}`),
        ...(declaration.root === undefined ? {} : { root: fillTemplate(declaration.root, values) }),
      };
    }),
  );
}

/** Targets that an archive is made for: the declared ones, or those that all of its binaries have (G-21). */
export function targetsOf(
  declaration: ArchiveDeclaration,
  args: Pick<DistributionArgs, "binaries" | "downloads" | "platforms">,
): string[] {
  if (declaration.targets) return declaration.targets;
  const lists = binariesOf(declaration).map((name) => targetsOfProgram(name, args));
  const [first = args.platforms, ...others] = lists;
  return first.filter((platform) => others.every((list) => list.includes(platform)));
}

/** Names of the binaries that an archive holds. */
export function binariesOf({ binaries = [], files = [] }: ArchiveDeclaration): string[] {
  return [...binaries, ...files.flatMap(({ binary }) => (binary === undefined ? [] : [binary]))];
}

/** Declares the archives. */
export function createArchives(
  args: DistributionArgs,
  binaryOf: BinaryOf,
  parent: pulumi.Resource,
): Archives {
  const made = planArchives(args).map((planned) => ({
    planned,
    resource: createArchive(planned, args, binaryOf, parent),
  }));
  return {
    artefacts: made.flatMap(({ planned, resource }) =>
      planned.paths.map((path) => artefactOf(path, resource.digest)),
    ),
    resources: made.map(({ resource }) => resource),
  };
}

function createArchive(
  planned: PlannedArchive,
  args: DistributionArgs,
  binaryOf: BinaryOf,
  parent: pulumi.Resource,
): Archive {
  const { archive, platform, paths, root } = planned;
  const declaration = args.archives?.[archive] ?? {};
  const values = templateValues(archive, platform, args.version ?? "");
  const [path = "", ...aliases] = paths;
  const declared: ArchivedFileDeclaration[] = [
    ...(declaration.binaries ?? []).map((binary) => ({ path: `${binary}{exe}`, binary })),
    ...(declaration.files ?? []),
  ];
  return new Archive(
    `${archive}-${platform.replaceAll("/", "-")}-archive`,
    {
      path,
      entries: declared.map((file) => archiveEntry(file, platform, values, binaryOf)),
      ...(root === undefined ? {} : { root }),
      ...(declaration.sums === undefined ? {} : { sums: declaration.sums }),
      ...(aliases.length > 0 ? { aliases } : {}),
    },
    { parent },
  );
}

function archiveEntry(
  { binary, source, path, ...rest }: ArchivedFileDeclaration,
  platform: string,
  values: TemplateValues,
  binaryOf: BinaryOf,
) {
  const target = fillTemplate(path, values);
  if (binary !== undefined) return { mode: "0755", ...rest, path: target, ...binaryOf(binary, platform) };
  return { ...rest, path: target, ...(source === undefined ? {} : { source: fillTemplate(source, values) }) };
}

function artefactOf(path: string, digest: pulumi.Output<string>): pulumi.Output<Artefact> {
  return pulumi.output({ name: path.slice(path.lastIndexOf("/") + 1), path, digest });
}

function templateValues(archive: string, platform: string, version: string): TemplateValues {
  return { ...platformValues(platform), ...versionValues(version), name: archive };
}
