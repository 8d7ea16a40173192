import { shortDigest } from "../../lib/oci/digest";

/** What somebody has changed by hand, in one sentence each: what, where, what it was and is. */

/**
 * A tag. Of a version tag that was moved, which is an alarm, with whole digests.
 *
 * @param found digest that it has; undefined where there is no such tag
 * @param given digest that it was given
 */
export function tagDrift(
  reference: string,
  moves: "never" | "always" | "highest",
  found: string | undefined,
  given: string,
): string {
  if (found === undefined) return `somebody deleted ${reference}, which was ${shortDigest(given)}`;
  if (moves !== "never")
    return `somebody moved ${reference} to ${shortDigest(found)} from ${shortDigest(given)}`;
  return `somebody MOVED THE VERSION TAG ${reference} to ${found}, and it was published as ${given}`;
}

/** A file of a release. @param found digest that it has; undefined where it is gone */
export function fileDrift(name: string, place: string, found: string | undefined, published: string): string {
  const was = `published as ${shortDigest(published)}`;
  return found === undefined
    ? `somebody deleted ${name} in ${place}, ${was}`
    : `somebody changed ${name} in ${place} to ${shortDigest(found)}, ${was}`;
}

/** A manifest or index. */
export function manifestDrift(repository: string, digest: string, platform?: string): string {
  return `somebody deleted ${repository}@${digest}${platform === undefined ? "" : ` (${platform})`}`;
}

/**
 * A sentence with what becomes of it.
 *
 * @param isUnderWay whether this run is the update; an observation does not know
 */
export function putBack(drift: string, isUnderWay = false): string {
  return `${drift}; ${isUnderWay ? "it is put back" : "`pulumi up` puts it back"}`;
}
