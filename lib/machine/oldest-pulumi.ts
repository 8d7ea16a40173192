/**
 * The oldest Pulumi that reads resources before it updates them, which is how drift is seen without
 * a flag.
 */
export const OLDEST_PULUMI = "3.245.0";

/** @param version as `pulumi version` prints it, e.g. `v3.251.0` */
export function isOldPulumi(version: string): boolean {
  const [major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_PULUMI.split(".").map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
