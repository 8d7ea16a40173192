import { formatPlatform, matchesPlatform, PlatformError, statedPlatform } from "../platform";
import type { Descriptor, Platform } from "../types";

/** Annotation by which BuildKit ties an attestation to an image of the same index. */
const attestedDigest = "vnd.docker.reference.digest";

/**
 * The descriptors of an index that stay when only some platforms are wanted, in their order: the
 * images of those platforms, and what is for no platform, except for attestations of images that
 * are left out.
 *
 * @param wanted empty for all
 * @param asked platforms that images state where the index does not, by digest
 */
export function platformSubset(
  listed: readonly Descriptor[],
  wanted: readonly Platform[],
  asked: ReadonlyMap<string, Platform> = new Map(),
): Descriptor[] {
  if (wanted.length === 0) return [...listed];
  const isWanted = (descriptor: Descriptor) => {
    const offered = statedPlatform(descriptor) ?? asked.get(descriptor.digest);
    return offered === undefined || wanted.some((platform) => matchesPlatform(platform, offered));
  };
  const kept = listed.filter(isWanted);
  const keptDigests = new Set(kept.map(({ digest }) => digest));
  const dropped = new Set(
    listed.filter(({ digest }) => !keptDigests.has(digest)).map(({ digest }) => digest),
  );
  return kept.filter(({ annotations }) => !dropped.has(annotations?.[attestedDigest] ?? ""));
}

/**
 * Checks that each wanted platform is there.
 *
 * @throws PlatformError with those that are
 */
export function requirePlatforms(
  name: string,
  wanted: readonly Platform[],
  offered: readonly Platform[],
): void {
  const absent = wanted.filter((platform) => !offered.some((other) => matchesPlatform(platform, other)));
  if (absent.length === 0) return;
  const there = [...new Set(offered.map(formatPlatform))].join(", ");
  throw new PlatformError(
    `${name} has no image for ${absent.map(formatPlatform).join(", ")}; ` +
      (there === "" ? "it names no platforms" : `it has ${there}`),
  );
}
