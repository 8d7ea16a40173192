import * as pulumi from "@pulumi/pulumi";
import type { sbomDefinition } from "./definitions/sbom";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof sbomDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Sbom}. */
export type SbomArgs = ArgumentsOf<Definition>;

/** SBOMs of images and their index, attached to them as referrers (`slipway:trust:Sbom`). */
export class Sbom extends pulumi.CustomResource {
  /** The documents, in the order of subjects and formats: each a blob of the repository. */
  declare readonly documents: pulumi.Output<Outputs["documents"]>;
  /** Files of the documents, relative to the project. */
  declare readonly files: pulumi.Output<Outputs["files"]>;
  /** What is no longer there. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** One fact for each document, for what publishes the subjects. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: SbomArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["documents", "files", "missing", "evidence"] as const;
    super("slipway:trust:Sbom", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
