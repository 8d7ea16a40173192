import * as z from "zod";
import type { Finding } from "../../resources/definitions/input-findings";
import { releaseAssetDefinition } from "../../resources/definitions/release-asset";
import type { DistributionArgs } from "./declaration";
import { platforms } from "./platform-list";

const { signature } = releaseAssetDefinition.inputs.shape;

/** A program that another project released (CAP-13). */
export const download = z.strictObject({
  /** What `releases/download/TAG/FILE` is below: a URL, or a folder relative to the project's. */
  from: z
    .string()
    .min(1)
    .meta({ examples: ["https://github.com/acme/hello"] }),
  /** Tag of the release, which is one version for good. */
  tag: z
    .string()
    .min(1)
    .meta({ examples: ["v1.2.3"] }),
  /** Name of the archive; `{os}`, `{arch}`, `{variant}` and `{exe}` are replaced, `*` stands for any characters of a name. */
  asset: z
    .string()
    .min(1)
    .meta({ examples: ["hello_*_{os}_{arch}.tar.gz"] }),
  /** Path of the program in the archive. Default: its name, with `.exe` for Windows. */
  file: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["bin/hello{exe}"] }),
  /** Platforms that are released. Default: those of the distribution. */
  targets: platforms.optional(),
  /** Name of the release's sums file. Default: `SHA256SUMS`. */
  sums: z.string().min(1).optional(),
  /** Signature that has to hold before anything is used. Default: none is looked at. */
  signature,
});

export type DownloadDeclaration = z.infer<typeof download>;

/** Names of the programs that images and archives can take. */
export function programNames({ binaries = {}, downloads = {} }: ProgramDeclarations): string[] {
  return [...Object.keys(binaries), ...Object.keys(downloads)];
}

/** Platforms that a program is there for. */
export function targetsOfProgram(
  name: string,
  {
    binaries = {},
    downloads = {},
    platforms: all,
  }: ProgramDeclarations & Pick<DistributionArgs, "platforms">,
): readonly string[] {
  return (binaries[name] ?? downloads[name])?.targets ?? all;
}

type ProgramDeclarations = Pick<DistributionArgs, "binaries" | "downloads">;

/** What only the declaration as a whole shows to be wrong with downloads. */
export function downloadFindings({ binaries = {}, downloads = {}, ...args }: DistributionArgs): Finding[] {
  const twice = Object.keys(downloads)
    .filter((name) => binaries[name] !== undefined)
    .map((name) => ({
      property: `downloads.${name}`,
      reason: `binaries.${name} is the same name: a program is built or downloaded, give one of them another name`,
    }));
  const absent = Object.entries(args.images).flatMap(([image, { files = [], platforms: own }]) =>
    files.flatMap(({ binary: name = "" }, index): Finding[] => {
      const targets = downloads[name]?.targets;
      if (!targets) return [];
      return (own ?? args.platforms)
        .filter((platform) => !targets.includes(platform))
        .map((platform) => ({
          property: `images.${image}.files[${index}].binary`,
          reason: `${JSON.stringify(name)} is not released for ${platform}: its targets are ${targets.join(", ")}`,
        }));
    }),
  );
  return [...twice, ...absent];
}
