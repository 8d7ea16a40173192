import { ofRun } from "../run/run";

/**
 * Id of an observed manifest. It is the same for every build of an image, so that what is found
 * gone before a run leads to the build that makes it.
 */
export function manifestId({ repository, platform }: { repository: string; platform: string }): string {
  return `${repository}?platform=${platform}`;
}

/** Ids of manifests that were built, and found gone by this run. */
export const goneManifestsOf = ofRun(() => new Set<string>());
