// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { externalImagesDefinition } from "./definitions/external-images";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ExternalImages}. */
export type ExternalImagesArgs = {
  /** References by name. Example: `{"redis":"redis:7-alpine"}`. */
  images: DeepInput<Record<string, string>>;
  /** Lock that the digests are taken from. */
  lock?: DeepInput<types.LockUse | undefined>;
};

/**
 * Images of other projects that the distribution needs, each resolved to its digest and recorded. A
 * missing one stops the run before anything is pushed. A preview shows one that was republished
 * under its tag. (`slipway:oci:ExternalImages`)
 */
export class ExternalImages
  extends pulumi.CustomResource
  implements ObservedProperties<typeof externalImagesDefinition>
{
  /** References by name. Example: `{"redis":"redis:7-alpine"}`. */
  declare readonly images: pulumi.Output<Record<string, string>>;
  /** Digest of each image, by name. */
  declare readonly digests: pulumi.Output<Record<string, string>>;
  /** `host/path:tag@digest` of each image, by name. */
  declare readonly references: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ExternalImagesArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digests: undefined, references: undefined };
    super(
      "slipway:oci:ExternalImages",
      name,
      properties<typeof externalImagesDefinition>(outputs, args),
      options,
    );
  }
}
