import * as pulumi from "@pulumi/pulumi";
import type { signatureDefinition } from "./definitions/signature";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";
import { withSecretSigner } from "./signer-arguments";

type Definition = typeof signatureDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Signature}. */
export type SignatureArgs = ArgumentsOf<Definition, "signedBy">;

/** Images and indexes signed by digest, as cosign verifies them (`slipway:trust:Signature`). */
export class Signature extends pulumi.CustomResource {
  /** The signatures that hold, one for each subject. */
  declare readonly signatures: pulumi.Output<Outputs["signatures"]>;
  /** Subjects without a signature that holds. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** Public key (PEM), where a key signs. */
  declare readonly publicKey: pulumi.Output<Outputs["publicKey"]>;
  /** For gates and policies. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: SignatureArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["signatures", "missing", "publicKey", "evidence"] as const;
    super(
      "slipway:trust:Signature",
      name,
      withOutputs<Definition>(withSecretSigner(args), outputs),
      retained(options),
    );
  }
}
