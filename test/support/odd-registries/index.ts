import { artifactory, artifactorySignedIn } from "./artifactory";
import { ecr, ecrSubjectHeader } from "./ecr";
import { emptyReferrers, lateReferrers } from "./empty-referrers";
import { github, githubNotFound } from "./github";
import { gitlab, gitlabSilent } from "./gitlab";
import { google } from "./google";
import { harbor } from "./harbor";
import { headOfLengthZero, headWithoutLength } from "./head-without-length";
import { lateVisibility } from "./late-visibility";
import { noPortLocation } from "./no-port-location";
import { overwrittenList } from "./overwritten-list";
import { quay } from "./quay";
import { rateLimit } from "./rate-limit";
import { s3Storage } from "./s3-storage";
import type { Vendor } from "./vendor";

export { artifactorySignedIn } from "./artifactory";
export { startVendor, type OddRegistry, type Vendor } from "./vendor";

/** All of them, for suites that loop. */
export const vendors: readonly Vendor[] = [
  artifactory,
  artifactorySignedIn,
  ecr,
  ecrSubjectHeader,
  emptyReferrers,
  github,
  githubNotFound,
  gitlab,
  gitlabSilent,
  google,
  harbor,
  headOfLengthZero,
  headWithoutLength,
  lateReferrers,
  lateVisibility,
  noPortLocation,
  overwrittenList,
  quay,
  rateLimit,
  s3Storage,
];
