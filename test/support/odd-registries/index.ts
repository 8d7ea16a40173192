import { artifactory } from "./artifactory";
import type { Vendor } from "./vendor";

export { artifactorySignedIn } from "./artifactory";
export { startVendor, type OddRegistry, type Vendor } from "./vendor";

/** All of them, for suites that loop. */
export const vendors: readonly Vendor[] = [artifactory];
