import * as pulumi from "@pulumi/pulumi";
import type { versionMatrixDefinition } from "./definitions/version-matrix";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof versionMatrixDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link VersionMatrix}. */
export type VersionMatrixArgs = ArgumentsOf<Definition, "text" | "recordText">;

/** Which versions of components make up which version of a distribution (`slipway:release:VersionMatrix`). */
export class VersionMatrix extends pulumi.CustomResource {
  /** Text of the file, Markdown. */
  declare readonly text: pulumi.Output<Outputs["text"]>;
  /** Text of the record, JSON. */
  declare readonly recordText: pulumi.Output<Outputs["recordText"]>;
  /** The current stable version. */
  declare readonly stable: pulumi.Output<Outputs["stable"]>;
  /** The lowest version above it that is not deprecated. */
  declare readonly upcoming: pulumi.Output<Outputs["upcoming"]>;
  /** Version of the candidate. */
  declare readonly next: pulumi.Output<Outputs["next"]>;
  /** Status of the candidate. */
  declare readonly nextStatus: pulumi.Output<Outputs["nextStatus"]>;
  /** Components of the candidate, else of the current stable version, in words for release notes. */
  declare readonly includes: pulumi.Output<Outputs["includes"]>;

  constructor(name: string, args: VersionMatrixArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["text", "recordText", "stable", "upcoming", "next", "nextStatus", "includes"] as const;
    super("slipway:release:VersionMatrix", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
