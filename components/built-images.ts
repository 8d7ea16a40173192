import * as pulumi from "@pulumi/pulumi";
import { Manifest } from "../resources";
import type { MultiArchImage } from "./multi-arch-image";

/** Result for an image on one platform. */
export interface BuiltImage {
  /** Size of manifest, configuration and layers as transferred, in bytes. */
  size: number;
  /** Number of layers, of an image that was built from a Dockerfile. */
  layers?: number;
  /** How long the build took, with its push. */
  durationSeconds?: number;
  /**
   * Steps of the build as BuildKit counts them, and those of them that were taken from the cache.
   */
  steps?: number;
  cachedSteps?: number;
  /** Why the last three are not known. */
  notKnown?: string;
}

/** Sizes, and what the builders remember, by image and platform. */
export function builtImages(
  images: Readonly<Record<string, MultiArchImage>>,
): pulumi.Output<Record<string, Record<string, BuiltImage>>> {
  const all = Object.entries(images).map(([name, image]) => {
    const platforms = Object.entries(image.images).map(
      ([platform, made]) => [platform, builtImage(made)] as const,
    );
    return [name, Object.fromEntries(platforms)] as const;
  });
  return pulumi.output(Object.fromEntries(all));
}

function builtImage(made: MultiArchImage["images"][string]): pulumi.Output<BuiltImage> {
  if (!(made instanceof Manifest)) return made.totalSize.apply((size) => ({ size }));
  return pulumi
    .all([made.totalSize, made.layers, made.buildRecord])
    .apply(([size, layers, { startedAt: _startedAt, ...record } = {}]) => ({ size, layers, ...record }));
}
