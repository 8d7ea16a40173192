import * as pulumi from "@pulumi/pulumi";
import type { commandDefinition } from "./definitions/command";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof commandDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Command}. */
export type CommandArgs = ArgumentsOf<Definition, "inputsDigest" | "digestSalt">;

/** Files that a declared command makes from declared inputs (`slipway:build:Command`). */
export class Command extends pulumi.CustomResource {
  /** The files made, by name: path relative to the project's folder, digest, size in bytes. */
  declare readonly files: pulumi.Output<Outputs["files"]>;

  /** Result of each check of `expect`. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: CommandArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "slipway:build:Command",
      name,
      withOutputs<Definition>(args, ["files", "evidence"] as const),
      options,
    );
  }
}
