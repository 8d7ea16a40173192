import * as pulumi from "@pulumi/pulumi";
import type { verificationDefinition } from "./definitions/verification";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof verificationDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Verification}. */
export type VerificationArgs = ArgumentsOf<Definition, "trusted">;

/** A gate that only what a trusted party has signed passes (`slipway:trust:Verification`). */
export class Verification extends pulumi.CustomResource {
  /** The statements that hold. */
  declare readonly verified: pulumi.Output<Outputs["verified"]>;
  /** What does not hold any more. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** Public key (PEM), where a key is trusted. */
  declare readonly publicKey: pulumi.Output<Outputs["publicKey"]>;
  /** For policies. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["verified", "missing", "publicKey", "evidence"] as const;
    super("slipway:trust:Verification", name, withOutputs<Definition>(args, outputs), options);
  }
}
