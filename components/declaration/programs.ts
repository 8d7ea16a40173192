import type { DistributionDeclaration } from "./declaration";

/** Names of the programs that images and archives can take. */
export function programNames({ binaries = {}, downloads = {} }: ProgramDeclarations): string[] {
  return [...Object.keys(binaries), ...Object.keys(downloads)];
}

/** Platforms that a program is there for. */
export function platformsOfProgram(
  name: string,
  {
    binaries = {},
    downloads = {},
    platforms: all,
  }: ProgramDeclarations & Pick<DistributionDeclaration, "platforms">,
): readonly string[] {
  return (binaries[name] ?? downloads[name])?.platforms ?? all;
}

type ProgramDeclarations = Pick<DistributionDeclaration, "binaries" | "downloads">;
