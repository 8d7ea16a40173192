import * as pulumi from "@pulumi/pulumi";
import type { imageDefinition } from "./definitions/image";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof imageDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Image}. */
export type ImageArgs = ArgumentsOf<Definition, "digest" | "assembly">;

/** An image for one platform, assembled without a container engine and pushed by digest (`slipway:oci:Image`). */
export class Image extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  declare readonly mediaType: pulumi.Output<Outputs["mediaType"]>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** Size of manifest, configuration and layers as transferred, in bytes. */
  declare readonly totalSize: pulumi.Output<Outputs["totalSize"]>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<Outputs["reference"]>;
  /** Descriptor of the manifest with its platform, for an index. */
  declare readonly descriptor: pulumi.Output<Outputs["descriptor"]>;

  constructor(name: string, args: ImageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["digest", "mediaType", "size", "totalSize", "reference", "descriptor"] as const;
    super("slipway:oci:Image", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
