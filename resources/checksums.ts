import * as pulumi from "@pulumi/pulumi";
import type { checksumsDefinition } from "./definitions/checksums";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof checksumsDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Checksums}. */
export type ChecksumsArgs = ArgumentsOf<Definition, "digest">;

/** A sums file over artefacts (`slipway:build:Checksums`). */
export class Checksums extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** The sums file itself, as a release takes it. */
  declare readonly artefact: pulumi.Output<Outputs["artefact"]>;

  constructor(name: string, args: ChecksumsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["digest", "size", "artefact"] as const;
    super("slipway:build:Checksums", name, withOutputs<Definition>(args, outputs), options);
  }
}
