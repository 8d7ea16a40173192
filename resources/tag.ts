import * as pulumi from "@pulumi/pulumi";
import type { tagDefinition } from "./definitions/tag";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof tagDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Tag}. */
export type TagArgs = ArgumentsOf<Definition, "heldBy">;

/** A tag that points to a digest (`slipway:oci:Tag`). */
export class Tag extends pulumi.CustomResource {
  /** Digest that the tag points to: for `moves: "highest"` that of the highest version, which need not be this one. */
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** `repository:tag`. */
  declare readonly reference: pulumi.Output<Outputs["reference"]>;
  declare readonly mediaType: pulumi.Output<Outputs["mediaType"]>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "slipway:oci:Tag",
      name,
      withOutputs<Definition>(args, ["digest", "reference", "mediaType"] as const),
      retained(options),
    );
  }
}
