import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { lackingTriple } from "./templates";

/** Returns what only the declaration as a whole shows to be wrong with downloads. */
export function downloadFindings({
  binaries = {},
  downloads = {},
  ...args
}: DistributionDeclaration): Finding[] {
  const twice = Object.keys(downloads)
    .filter((name) => binaries[name] !== undefined)
    .map((name) => ({
      property: `downloads.${name}`,
      reason: `binaries.${name} has the same name: rename one of them`,
    }));
  const absent = Object.entries(args.images).flatMap(([image, { files = [], platforms: own }]) =>
    files.flatMap(({ binary: name = "" }, index): Finding[] => {
      const released = downloads[name]?.platforms;
      if (!released) return [];
      return (own ?? args.platforms)
        .filter((platform) => !released.includes(platform))
        .map((platform) => ({
          property: `images.${image}.files[${index}].binary`,
          reason: `${JSON.stringify(name)} is not available for ${platform}; its platforms are ${released.join(", ")}`,
        }));
    }),
  );
  const unfilled = Object.entries(downloads).flatMap(([name, download]) =>
    (["asset", "checksums", "file"] as const).flatMap((field): Finding[] =>
      (download.platforms ?? args.platforms).flatMap((platform) => {
        const reason = lackingTriple(download[field] ?? "", platform);
        return reason === undefined ? [] : [{ property: `downloads.${name}.${field}`, reason }];
      }),
    ),
  );
  return [...twice, ...absent, ...unfilled];
}
