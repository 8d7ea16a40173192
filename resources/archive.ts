import * as pulumi from "@pulumi/pulumi";
import type { archiveDefinition } from "./definitions/archive";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof archiveDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Archive}. */
export type ArchiveArgs = ArgumentsOf<Definition, "digest" | "size" | "declaration">;

/** A release archive at a path of the project (`slipway:build:Archive`). */
export class Archive extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** Digest of the file at each further path. */
  declare readonly copies: pulumi.Output<Outputs["copies"]>;
  /** The archive and its further names, as a release takes them. */
  declare readonly artefacts: pulumi.Output<Outputs["artefacts"]>;

  constructor(name: string, args: ArchiveArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["digest", "size", "copies", "artefacts"] as const;
    super("slipway:build:Archive", name, withOutputs<Definition>(args, outputs), options);
  }
}
