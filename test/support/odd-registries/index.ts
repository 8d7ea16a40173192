import { artifactory } from "./artifactory";
import { ecr, ecrSubjectHeader } from "./ecr";
import { emptyReferrers, lateReferrers } from "./empty-referrers";
import { github, githubNotFound } from "./github";
import { gitlab, gitlabSilent } from "./gitlab";
import { google } from "./google";
import { harbor } from "./harbor";
import { overwrittenList } from "./overwritten-list";
import type { Vendor } from "./vendor";

export { artifactorySignedIn } from "./artifactory";
export { startVendor, type OddRegistry, type Vendor } from "./vendor";

/** All of them, for suites that loop. */
export const vendors: readonly Vendor[] = [
  artifactory,
  ecr,
  ecrSubjectHeader,
  emptyReferrers,
  github,
  githubNotFound,
  gitlab,
  gitlabSilent,
  google,
  harbor,
  lateReferrers,
  overwrittenList,
];
