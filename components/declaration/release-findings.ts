import { publishes } from "./mode";
import { checkPath } from "../../lib/archive/entries";
import type { Finding } from "../../resources/definitions/input-findings";
import { binariesOf, planArchives, platformsOfArchive } from "./archive-plan";
import type { DistributionDeclaration } from "./declaration";
import { programNames } from "./programs";

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
    if (platformsOfArchive(declaration, args).length > 0) return [];
    return [{ property, reason: `has no platforms: its binaries ${wanted.join(", ")} have none in common` }];
  });
  return findings.length > 0 ? findings : nameFindings(args);
}

/** Two archives of one name would be one file. */
function nameFindings(args: DistributionDeclaration): Finding[] {
  const first = new Map<string, string>();
  return planArchives(args).flatMap(({ archive, platform, paths }) =>
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
  if (Object.keys(args.archives ?? {}).length === 0 && !hasSboms) {
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
