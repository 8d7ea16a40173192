import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { parseReference } from "../lib/oci/reference";
import { checkPath } from "../lib/archive/entries";
import { checked } from "../resources/definitions/definition";
import type { LockUse } from "../resources/definitions/image-lock";
import { ExternalImages, ImageLock } from "../resources";
import type { MultiArchImage } from "./multi-arch-image";

/** What a program declares of images that come from elsewhere. */
export const externalImageFields = {
  /**
   * Keeps the digests of images from elsewhere in a file that is committed: of bases in Dockerfiles, and of
   * `externalImages`. Default: none, and each run takes what the registries have.
   */
  lock: z
    .union([
      z.boolean(),
      z.strictObject({
        /** Default: `slipway.lock.json`. */
        file: checked((path) => checkPath(path, "file")).optional(),
        /** Takes what the registries have now, for one run. */
        refresh: z.boolean().optional(),
      }),
    ])
    .optional()
    .meta({ examples: [true, { refresh: true }] }),
  /**
   * Images of other projects that what is shipped needs, by name: resolved to digests, recorded, and listed in the SBOM
   * of each image.
   */
  externalImages: z
    .record(z.string().min(1), checked(parseReference))
    .refine((images) => Object.keys(images).length > 0, "at least one image is expected")
    .optional()
    .meta({ examples: [{ redis: "redis:7-alpine" }] }),
};

/** The part of a declaration that is about images from elsewhere. */
export type ExternalImageDeclaration = z.infer<z.ZodObject<typeof externalImageFields>>;

/** The lock as resources take it; undefined where none is declared. */
export function lockOf({ lock }: ExternalImageDeclaration): LockUse | undefined {
  if (lock === undefined || lock === false) return undefined;
  const { file = "slipway.lock.json", refresh } = lock === true ? {} : lock;
  return { file, ...(refresh === undefined ? {} : { refresh }) };
}

/**
 * Resolves the external images, and writes the lock when the images are there that were built from what it says: a build
 * that fails leaves it as it is.
 *
 * @returns references by name, and what has to succeed before anything points to the images (DISTRO-04)
 */
export function createExternalImages(
  name: string,
  args: ExternalImageDeclaration,
  images: readonly MultiArchImage[],
  parent: pulumi.Resource,
): { references: pulumi.Output<Record<string, string>>; gates: pulumi.Resource[] } {
  const lock = lockOf(args);
  const { externalImages: declared } = args;
  const external =
    declared && new ExternalImages(name, { images: declared, ...(lock ? { lock } : {}) }, { parent });
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
    const dependsOn = images.map(({ index }) => index);
    new ImageLock(name, { file: lock.file, images: locked }, { parent, dependsOn });
  }
  return {
    references: external?.references ?? pulumi.output({} as Record<string, string>),
    gates: external ? [external] : [],
  };
}
