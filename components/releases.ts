import type * as pulumi from "@pulumi/pulumi";
import type { ProgramTest } from "../resources";
import { ownAccess } from "./access";
import type { TestedBinaries } from "./binary-builds";
import type { ReleaseFiles } from "./release-files";
import type { ReleasedProofs } from "./released-proofs";
import type { DistributionDeclaration } from "./declaration/declaration";

/** A release that is made. */
export interface CreatedRelease {
  /** Folder or repository that it is in. */
  readonly place: string;
  readonly resource: pulumi.Resource;
  /** Options of what has the access of its target alone. */
  readonly access: ReturnType<typeof ownAccess>;
}

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
): CreatedRelease[] {
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
  const dependsOn = [...options.dependsOn, ...resources];
  const { parent } = options;
  return [release].flat().map((target) => {
    const access = ownAccess(distribution, target, args, parent);
    const resource = target.create(content, { parent, dependsOn, ...access });
    return { place: target.name, resource, access };
  });
}

function programTests(tested: TestedBinaries): ProgramTest[] {
  return Object.entries(tested).flatMap(([program, platforms]) =>
    Object.entries(platforms).flatMap(([platform, results]) =>
      results.map(({ by, result }) => ({ program, platform, check: by, result })),
    ),
  );
}
