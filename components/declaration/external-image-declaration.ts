import * as z from "zod";
import { defined } from "../../lib/objects/defined";
import { checkPath } from "../../lib/archive/entries";
import { parseReference } from "../../lib/oci/reference";
import { checked } from "../../resources/definitions/definition";
import type { LockUse } from "../../resources";

/** Declaration of external images. */
export const externalImageFields = {
  /**
   * Keeps the digests of external images, bases in Dockerfiles and `externalImages`, in a file that
   * is committed. Default: none; each run takes what the registries have.
   */
  lock: z
    .union([
      z.boolean(),
      z.strictObject({
        /** Default: `slipway.lock.json`. */
        file: checked((path) => checkPath(path, "file")).optional(),
        /** Whether this run takes the current digests of the registries. */
        refresh: z.boolean().optional(),
      }),
    ])
    .optional()
    .meta({ examples: [true, { refresh: true }] }),
  /**
   * Images of other projects that the distribution needs, by name: resolved to digests, recorded,
   * and listed in the SBOM of each image.
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
  return defined({ file, refresh });
}
