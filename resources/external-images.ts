import * as pulumi from "@pulumi/pulumi";
import type { externalImagesDefinition } from "./definitions/external-images";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof externalImagesDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link ExternalImages}. */
export type ExternalImagesArgs = ArgumentsOf<Definition, "digests" | "pending">;

/** Images of other projects that what is shipped needs (`slipway:oci:ExternalImages`). */
export class ExternalImages extends pulumi.CustomResource {
  /** Digest of each image, by name. */
  declare readonly digests: pulumi.Output<Outputs["digests"]>;
  /** `host/path:tag@digest` of each image, by name. */
  declare readonly references: pulumi.Output<Outputs["references"]>;

  constructor(name: string, args: ExternalImagesArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["digests", "references"] as const;
    super("slipway:oci:ExternalImages", name, withOutputs<Definition>(args, outputs), options);
  }
}
