import type * as pulumi from "@pulumi/pulumi";
import type { ProgramTest } from "../resources";
import { ownAccess } from "./access";
import type { TestedBinaries } from "./binary-builds";
import type { ReleaseFiles } from "./release-files";
import type { ReleasedProofs } from "./released-proofs";
import type { DistributionDeclaration } from "./declaration/declaration";

/**
 * Releases the files when the version tags of the images are there. What is not a release, a branch
 * or a pull request, builds its archives and releases nothing.
 */
export function createReleases(
  distribution: string,
  args: DistributionDeclaration,
  files: ReleaseFiles,
  proofs: ReleasedProofs,
  tested: pulumi.Output<TestedBinaries>,
  options: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource[] {
  const { release, version } = args;
  if (release === undefined || version === undefined) return [];
  const { assets, evidence, resources } = proofs;
  const content = {
    distribution,
    version,
    tests: tested.apply(programTests),
    assets: [...files.artifacts, ...assets, ...files.documents],
    evidence,
  };
  const dependsOn = [...options.dependsOn, ...files.resources, ...resources];
  const { parent } = options;
  return [release]
    .flat()
    .map((target) =>
      target.create(content, { parent, dependsOn, ...ownAccess(distribution, target, args, parent) }),
    );
}

function programTests(tested: TestedBinaries): ProgramTest[] {
  return Object.entries(tested).flatMap(([program, platforms]) =>
    Object.entries(platforms).flatMap(([platform, results]) =>
      results.map(({ by, result }) => ({ program, platform, check: by, result })),
    ),
  );
}
