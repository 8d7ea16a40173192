import { defaultSumsFile } from "../../lib/archive/sums";
import { artifactName } from "../../resources/definitions/artifact";
import type { Finding } from "../../resources/definitions/input-findings";
import { planArchives } from "./archive-plan";
import { channelAssetNames } from "./channel-findings";
import type { DistributionDeclaration } from "./declaration";
import { planExtraArtifacts } from "./extra-artifact-plan";

/** A name that a file of the release has, and where it is declared. */
interface DeclaredName {
  readonly name: string;
  readonly property: string;
  /** What has the name, in words. */
  readonly what: string;
}

/** Two files of a release cannot have one name. Of archives among each other, `archiveFindings` says more. */
export function releasedNameFindings(distribution: string, args: DistributionDeclaration): Finding[] {
  const owners = new Map<string, string>();
  for (const { archive, platform, paths } of planArchives(args, "")) {
    for (const path of paths) {
      owners.set(path.slice(path.lastIndexOf("/") + 1), `the archive ${archive} for ${platform}`);
    }
  }
  return declaredNames(distribution, args).flatMap(({ name, property, what }): Finding[] => {
    if (!artifactName.safeParse(name).success) {
      const reason = `${JSON.stringify(name)} is not a name that a file of a release can have: leave asset out`;
      return [{ property, reason }];
    }
    const owner = owners.get(name);
    owners.set(name, owner ?? what);
    if (owner === undefined) return [];
    return [{ property, reason: `${JSON.stringify(name)} is also the name of ${owner}: give it another` }];
  });
}

function declaredNames(distribution: string, args: DistributionDeclaration): DeclaredName[] {
  const { checksums, installers = {} } = args;
  return [
    { name: checksums?.name ?? defaultSumsFile, property: "checksums.name", what: "the sums file" },
    ...Object.keys(installers).map((name) => ({
      name,
      property: `installers[${JSON.stringify(name)}]`,
      what: "an installer",
    })),
    ...planExtraArtifacts(args).flatMap(({ artifact, names }) =>
      names.map((name, index) => ({
        name,
        property: `extraArtifacts.${artifact}.outputs[${index}]`,
        what: `a file of ${artifact}`,
      })),
    ),
    ...channelAssetNames(distribution, args).flatMap((names, index) =>
      names.map((name) => ({ name, property: `channels[${index}]`, what: "a file of another channel" })),
    ),
  ];
}
