import * as pulumi from "@pulumi/pulumi";
import type { indexDefinition } from "./definitions/index-of-manifests";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof indexDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Index}. */
export type IndexArgs = ArgumentsOf<Definition, "digest">;

/** A multi-platform index, pushed by digest (`slipway:oci:Index`). */
export class Index extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  declare readonly mediaType: pulumi.Output<Outputs["mediaType"]>;
  /** Size of the index, in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<Outputs["reference"]>;

  constructor(name: string, args: IndexArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["digest", "mediaType", "size", "reference"] as const;
    super("slipway:oci:Index", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
