import { checkPath } from "../../lib/archive/entries";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { fillTemplate, platformValues, versionValues } from "./templates";

/** A built file, and where it is placed in the project. */
export interface PlannedLocalFile {
  binary: string;
  platform: string;
  /** Relative to the project's folder. */
  path: string;
}

/** The files of a declaration that are placed in the project, with their paths filled in. */
export function planLocalFiles(
  args: Pick<DistributionDeclaration, "binaries" | "platforms" | "version">,
): PlannedLocalFile[] {
  return Object.entries(args.binaries ?? {}).flatMap(([binary, { place, platforms = args.platforms }]) =>
    place === undefined
      ? []
      : platforms.map((platform) => {
          const values = { ...platformValues(platform), ...versionValues(args.version ?? ""), name: binary };
          return { binary, platform, path: fillTemplate(place, values) };
        }),
  );
}

/** Two files cannot be at one path, and none can be outside the project. */
export function localFileFindings(args: DistributionDeclaration): Finding[] {
  const first = new Map<string, string>();
  return planLocalFiles(args).flatMap(({ binary, platform, path }): Finding[] => {
    const property = `binaries.${binary}.place`;
    try {
      checkPath(path, property);
    } catch (error) {
      return [{ property, reason: (error as Error).message.slice(property.length + 2) }];
    }
    const other = first.get(path);
    first.set(path, other ?? `${binary} for ${platform}`);
    if (other === undefined) return [];
    const example = `dist/{os}_{arch}{variant}/{name}{exe}`;
    return [
      {
        property,
        reason: `${JSON.stringify(path)} is also the path of ${other} (a valid example: "${example}")`,
      },
    ];
  });
}
