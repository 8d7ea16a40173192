import { publishes } from "./mode";
import { checkPath } from "../../lib/archive/entries";
import type { Finding } from "../../resources/definitions/input-findings";
import { isFileFormat, type ReleaseFormat } from "../../lib/archive/format";
import { binariesOf, planArchives, platformsOfArchive } from "./archive-plan";
import type { DistributionDeclaration } from "./declaration";
import { programNames } from "./programs";
import type { ArchiveDeclaration } from "./release-declaration";
import { lackingTriple } from "./templates";

/** Returns what only the declaration as a whole shows to be wrong with archives. */
export function archiveFindings(args: DistributionDeclaration): Finding[] {
  const findings = Object.entries(args.archives ?? {}).flatMap(([name, declaration]): Finding[] => {
    const property = `archives.${name}`;
    const wanted = binariesOf(declaration);
    if (wanted.length === 0 && !declaration.files) {
      return [
        {
          property,
          reason: `is empty: declare binaries or files (a valid example: { binaries: ["hello"] })`,
        },
      ];
    }
    const declared = programNames(args);
    const missing = wanted.filter((binary) => !declared.includes(binary));
    if (missing.length > 0) {
      const known = declared.length > 0 ? `declared are ${declared.join(", ")}` : "no binaries are declared";
      return missing.map((binary) => ({
        property,
        reason: `there is no binary ${JSON.stringify(binary)}; ${known}`,
      }));
    }
    const platforms = platformsOfArchive(declaration, args);
    if (platforms.length === 0) {
      return [
        { property, reason: `has no platforms: its binaries ${wanted.join(", ")} have none in common` },
      ];
    }
    return [...formatFindings(property, declaration), ...tripleFindings(property, declaration, platforms)];
  });
  return findings.length > 0 ? findings : nameFindings(args);
}

/** What is no archive has room for one program. */
function formatFindings(property: string, declaration: ArchiveDeclaration<string>): Finding[] {
  const { binaries = [], files = [], format = "tar.gz", formats = {} } = declaration;
  const declared: [field: string, format: ReleaseFormat][] = [
    ["format", format],
    ...Object.entries(formats).map(([os, own]): [string, ReleaseFormat] => [`formats.${os}`, own]),
  ];
  return declared.flatMap(([field, own]): Finding[] => {
    if (!isFileFormat(own)) return [];
    const count = binaries.length + files.length;
    const shape = (["root", "checksums"] as const).find((name) => declaration[name] !== undefined);
    const other = count === 1 ? shape : `${count} files`;
    if (other === undefined) return [];
    return [
      {
        property: `${property}.${field}`,
        reason:
          `${JSON.stringify(own)} is one program without an archive, and has no place for ${other} ` +
          '(a valid example: { binaries: ["hello"], format: "binary" })',
      },
    ];
  });
}

/** A name would have the braces in it. */
function tripleFindings(
  property: string,
  { name = "", alsoNames = [], root = "" }: ArchiveDeclaration<string>,
  platforms: readonly string[],
): Finding[] {
  const texts: [field: string, text: string][] = [
    ["name", name],
    ["root", root],
    ...alsoNames.map((text, index): [string, string] => [`alsoNames[${index}]`, text]),
  ];
  return texts.flatMap(([field, text]) =>
    platforms.flatMap((platform): Finding[] => {
      const reason = lackingTriple(text, platform);
      return reason === undefined ? [] : [{ property: `${property}.${field}`, reason }];
    }),
  );
}

/** Two archives of one name would be one file. */
function nameFindings(args: DistributionDeclaration): Finding[] {
  const first = new Map<string, string>();
  return planArchives(args, "dist").flatMap(({ archive, platform, paths }) =>
    paths.flatMap((path): Finding[] => {
      const property = `archives.${archive}.name`;
      try {
        checkPath(path, property);
      } catch (error) {
        return [{ property, reason: (error as Error).message.slice(property.length + 2) }];
      }
      const name = path.slice(path.lastIndexOf("/") + 1);
      const other = first.get(name);
      first.set(name, other ?? `${archive} for ${platform}`);
      if (other === undefined) return [];
      return [
        {
          property,
          reason: `${JSON.stringify(name)} is also the name of ${other}: use {name}, {os}, {arch} and {variant} in it`,
        },
      ];
    }),
  );
}

/** A release needs files, of which the SBOMs of images are some, and a version. */
export function releaseFindings(args: DistributionDeclaration): Finding[] {
  if (args.release === undefined) return [];
  const hasSboms = args.trust !== undefined && args.trust.sbom !== false;
  const isEmpty = Object.keys({ ...args.archives, ...args.extraArtifacts }).length === 0;
  if (isEmpty && !hasSboms) {
    return [
      {
        property: "release",
        reason: `nothing to release: declare archives (a valid example: { hello: { binaries: ["hello"] } }), or trust, to release its SBOMs`,
      },
    ];
  }
  const targets = [args.release].flat();
  const repeated = targets.flatMap(({ name }, index): Finding[] =>
    targets.findIndex((target) => target.name === name) < index
      ? [{ property: `release[${index}]`, reason: `${name} is listed twice` }]
      : [],
  );
  return [
    ...repeated,
    ...(args.version !== undefined && publishes(args)
      ? targets.flatMap((target) => target.findings?.() ?? [])
      : []),
  ];
}
