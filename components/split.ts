import { nonEmpty } from "../lib/text/non-empty";
import { DeclarationError } from "./declaration/declaration-error";
import type { DistributionDeclaration } from "./declaration/declaration";
import { publishes } from "./declaration/mode";
import type { DistributionArgs } from "./distribution-args";

/** Variable of a run that builds for one platform; `npx slipway build` sets it. */
const platformVariable = "SLIPWAY_SPLIT_PLATFORM";

/**
 * Returns the platform that this run builds for; undefined for runs that publish.
 *
 * @throws DeclarationError where what is declared publishes nothing: nobody else could take what it builds
 */
export function onlyPlatform(name: string, args: DistributionDeclaration): string | undefined {
  const platform = nonEmpty(process.env[platformVariable]);
  if (platform === undefined || args.split !== true || publishes(args)) return platform;
  throw new DeclarationError(`distribution ${JSON.stringify(name)}`, [
    {
      property: "split",
      reason:
        `a run for ${platform} alone builds what another one publishes, and a test, a pull request and the modes ` +
        "build and load publish nothing: run `pulumi up`, which builds all platforms then",
    },
  ]);
}

/** Names of the images that a run for one platform builds. */
export function splitImages({ images, platforms, split }: DistributionDeclaration, only: string): string[] {
  if (split !== true) return [];
  return Object.entries(images)
    .filter(([, image]) => image.dockerfile !== undefined && (image.platforms ?? platforms).includes(only))
    .map(([name]) => name);
}

/** The declaration without what comes after the images, which is that of the run that joins them. */
export function withoutPublication(args: DistributionArgs): DistributionArgs {
  return {
    ...args,
    registries: args.registries.slice(0, 1),
    trust: undefined,
    gates: undefined,
    afterPublication: undefined,
    archives: undefined,
    installers: undefined,
    charts: undefined,
    extraArtifacts: undefined,
    checksums: undefined,
    release: undefined,
    channels: undefined,
    documents: undefined,
    externalImages: undefined,
  };
}
