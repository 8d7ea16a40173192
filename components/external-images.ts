import * as pulumi from "@pulumi/pulumi";
import { ExternalImages, ImageLock } from "../resources";
import { lockOf, type ExternalImageDeclaration } from "./declaration/external-image-declaration";
import type { MultiArchImage } from "./multi-arch-image";

/**
 * Resolves the external images, and writes the lock when the images are there that were built from
 * what it says: a build that fails leaves it as it is.
 *
 * @returns references by name, and what has to succeed before anything points to the images
 */
export function createExternalImages(
  name: string,
  args: ExternalImageDeclaration,
  images: readonly MultiArchImage[],
  parent: pulumi.Resource,
): { references: pulumi.Output<Record<string, string>>; gates: pulumi.Resource[] } {
  const lock = lockOf(args);
  const { externalImages: declared } = args;
  const external = declared && new ExternalImages(name, { images: declared, lock }, { parent });
  if (lock) {
    const bases = pulumi.all(images.flatMap(({ context }) => context?.bases ?? [])).apply((lists) =>
      lists.flat().flatMap(({ reference, image, digest }): [string, string][] =>
        // What names a digest itself needs no lock.
        image !== undefined || digest === undefined || reference.includes("@") ? [] : [[reference, digest]],
      ),
    );
    const named = external?.digests.apply((digests) =>
      Object.entries(declared ?? {}).flatMap(([key, reference]): [string, string][] => {
        const digest = digests[key];
        return digest === undefined || reference.includes("@") ? [] : [[reference, digest]];
      }),
    );
    const locked = pulumi
      .all([bases, named ?? []])
      .apply(([first, second]) => Object.fromEntries([...first, ...second]));
    const dependsOn = images.flatMap(({ whole }) => whole);
    new ImageLock(name, { ...lock, images: locked }, { parent, dependsOn });
  }
  return {
    references: external?.references ?? pulumi.output({} as Record<string, string>),
    gates: external ? [external] : [],
  };
}
