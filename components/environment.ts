import type { DistributionArgs } from "./distribution-args";
import type { ImageDeclaration } from "./declaration/image-declaration";
import { publishes } from "./declaration/mode";
import { embeddedRegistry } from "./embedded-registry";
import { throwAwayKey } from "./signing";

/**
 * The declaration as it is for its environment. Where nothing is to be published, everything is
 * built and proven all the same: images go, by digest, to the registry on this machine, with a
 * throw-away key; registries, releases, caches that are written to a registry, and whatever looks
 * at them are left out. So a test needs no account and no secret.
 */
export function forEnvironment(args: DistributionArgs): DistributionArgs {
  if (publishes(args)) return args;
  const { release: _release, afterPublication: _afterPublication, split: _split, trust, ...rest } = args;
  return {
    ...rest,
    registries: [embeddedRegistry()],
    images: Object.fromEntries(
      Object.entries(rest.images).map(([name, image]) => [name, withoutCacheTarget(image)]),
    ),
    trust: trust?.sign ? { ...trust, sign: throwAwayKey() } : trust,
  };
}

function withoutCacheTarget(image: ImageDeclaration): ImageDeclaration {
  if (image.dockerfile === undefined || image.cache?.to === undefined) return image;
  const { to: _to, ...cache } = image.cache;
  return { ...image, cache };
}
