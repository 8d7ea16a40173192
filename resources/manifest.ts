import * as pulumi from "@pulumi/pulumi";
import type { manifestDefinition } from "./definitions/manifest";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof manifestDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Manifest}. */
export type ManifestArgs = ArgumentsOf<Definition>;

/** An image for one platform that another resource pushes by digest (`slipway:oci:Manifest`). */
export class Manifest extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<string>;
  declare readonly mediaType: pulumi.Output<Outputs["mediaType"]>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** Size of manifest, configuration and layers as transferred, in bytes. */
  declare readonly totalSize: pulumi.Output<Outputs["totalSize"]>;
  /** Number of layers. */
  declare readonly layers: pulumi.Output<Outputs["layers"]>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<Outputs["reference"]>;
  /** Descriptor of the manifest with its platform, for an index. */
  declare readonly descriptor: pulumi.Output<Outputs["descriptor"]>;
  /** Duration and cache hits of the build, as its builder remembers it. */
  declare readonly buildRecord: pulumi.Output<Outputs["buildRecord"]>;

  constructor(name: string, args: ManifestArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = [
      "mediaType",
      "size",
      "totalSize",
      "layers",
      "reference",
      "descriptor",
      "buildRecord",
    ] as const;
    super("slipway:oci:Manifest", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
