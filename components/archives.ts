import * as pulumi from "@pulumi/pulumi";
import { Archive, type Artifact } from "../resources";
import { planArchives, templateValues, type PlannedArchive } from "./declaration/archive-plan";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { BinaryFile } from "./binary";
import { defaultDirectory } from "./default-directory";
import type { ArchivedFileDeclaration } from "./declaration/release-declaration";
import { fillTemplate, type TemplateValues } from "./declaration/templates";

/** Gives a program for a platform, built or downloaded once however many take it. */
export type BinaryOf = (binary: string, platform: string) => BinaryFile;

/** The archives of a distribution. */
export interface Archives {
  /** Archives and their further names. Number and order are known at once. */
  artifacts: { file: pulumi.Output<Artifact>; platform: string }[];
  /** The archives under their first names. */
  made: MadeArchive[];
  /** Whatever is published has to wait for these. */
  resources: pulumi.Resource[];
}

/** An archive, and what is in it. */
export interface MadeArchive {
  planned: PlannedArchive;
  file: pulumi.Output<Artifact>;
}

/** Declares the archives. */
export function createArchives(
  args: DistributionDeclaration,
  binaryOf: BinaryOf,
  parent: pulumi.Resource,
): Archives {
  const made = planArchives(args, defaultDirectory(args)).map((planned) => ({
    planned,
    resource: createArchive(planned, args, binaryOf, parent),
  }));
  return {
    artifacts: made.flatMap(({ planned, resource }) =>
      planned.paths.map((path) => ({
        file: artifactOf(path, resource.digest),
        platform: planned.platform,
      })),
    ),
    made: made.map(({ planned, resource }) => ({
      planned,
      file: artifactOf(planned.paths[0] ?? "", resource.digest),
    })),
    resources: made.map(({ resource }) => resource),
  };
}

function createArchive(
  planned: PlannedArchive,
  args: DistributionDeclaration,
  binaryOf: BinaryOf,
  parent: pulumi.Resource,
): Archive {
  const { archive, platform, paths, root, format } = planned;
  const declaration = args.archives?.[archive] ?? {};
  const values = templateValues(archive, platform, args.version ?? "", declaration.names);
  const [path = "", ...alsoPaths] = paths;
  const declared: ArchivedFileDeclaration<string>[] = [
    ...(declaration.binaries ?? []).map((binary) => ({ path: `${binary}{exe}`, binary })),
    ...(declaration.files ?? []),
  ];
  return new Archive(
    `${archive}-${platform.replaceAll("/", "-")}-archive`,
    {
      path,
      format,
      entries: declared.map((file) => archiveEntry(file, platform, values, binaryOf)),
      root,
      checksums: declaration.checksums,
      alsoPaths: alsoPaths.length > 0 ? alsoPaths : undefined,
    },
    { parent },
  );
}

function archiveEntry(
  { binary, source, path, ...rest }: ArchivedFileDeclaration<string>,
  platform: string,
  values: TemplateValues,
  binaryOf: BinaryOf,
) {
  const target = fillTemplate(path, values);
  if (binary !== undefined) return { mode: "0755", ...rest, path: target, ...binaryOf(binary, platform) };
  return { ...rest, path: target, source: source === undefined ? undefined : fillTemplate(source, values) };
}

function artifactOf(path: string, digest: pulumi.Output<string>): pulumi.Output<Artifact> {
  return pulumi.output({ name: path.slice(path.lastIndexOf("/") + 1), path, digest });
}
