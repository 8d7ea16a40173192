import * as pulumi from "@pulumi/pulumi";
import type { tagsDefinition } from "./definitions/tags";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof tagsDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Tags}. */
export type TagsArgs = ArgumentsOf<Definition, "pointers" | "heldBy">;

/** Tags of one image that are published together (`slipway:oci:Tags`). */
export class Tags extends pulumi.CustomResource {
  /** Digest that each tag points to: for `moves: "highest"` that of the highest version, which need not be this one. */
  declare readonly pointers: pulumi.Output<Outputs["pointers"]>;
  /** `repository:tag` of each tag. */
  declare readonly references: pulumi.Output<Outputs["references"]>;

  constructor(name: string, args: TagsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["pointers", "references"] as const;
    super("slipway:oci:Tags", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
