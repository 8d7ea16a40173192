import type { Finding } from "../../resources/definitions/input-findings";
import { platformsOfArchive } from "./archive-plan";
import type { DistributionDeclaration } from "./declaration";
import { nearest } from "../../lib/text/nearest";

/** Returns what is declared to differ on a platform that a binary is never built for. */
export function overrideFindings(args: DistributionDeclaration): Finding[] {
  return Object.entries(args.binaries ?? {}).flatMap(([name, { overrides = {}, platforms = [] }]) => {
    const built = new Set([...platforms, ...platformsOf(args)]);
    return Object.keys(overrides)
      .filter((platform) => !built.has(platform))
      .map((platform): Finding => {
        const near = nearest(platform, [...built]);
        const hint = near === undefined ? "" : `; did you mean "${near}"?`;
        return {
          property: `binaries.${name}.overrides.${platform}`,
          reason:
            `nothing is built for ${JSON.stringify(platform)}${hint}; the platforms are ${[...built].join(", ")}: ` +
            `declare it in platforms, or remove it here`,
        };
      });
  });
}

/** Platforms of the distribution, of its images and of its archives. */
function platformsOf(args: DistributionDeclaration): string[] {
  return [
    ...args.platforms,
    ...Object.values(args.images).flatMap(({ platforms = [] }) => platforms),
    ...Object.values(args.archives ?? {}).flatMap((archive) => platformsOfArchive(archive, args)),
  ];
}
