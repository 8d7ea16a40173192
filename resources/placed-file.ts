import * as pulumi from "@pulumi/pulumi";
import type { placedFileDefinition } from "./definitions/placed-file";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof placedFileDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link PlacedFile}. */
export type PlacedFileArgs = ArgumentsOf<Definition>;

/** A built file at a path of the project (`slipway:build:PlacedFile`). */
export class PlacedFile extends pulumi.CustomResource {
  /** Digest of what is at the path. */
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** Permission bits of what is at the path. */
  declare readonly mode: pulumi.Output<Outputs["mode"]>;

  constructor(name: string, args: PlacedFileArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "slipway:build:PlacedFile",
      name,
      withOutputs<Definition>(args, ["digest", "mode"]),
      retained(options),
    );
  }
}
