import * as pulumi from "@pulumi/pulumi";
import type { fileSignatureDefinition } from "./definitions/file-signature";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";
import { withSecretSigner } from "./signer-arguments";

type Definition = typeof fileSignatureDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link FileSignature}. */
export type FileSignatureArgs = ArgumentsOf<Definition, "signedBy">;

/** Files signed, each with a bundle that cosign verifies (`slipway:trust:FileSignature`). */
export class FileSignature extends pulumi.CustomResource {
  /** The bundles, one for each file. */
  declare readonly bundles: pulumi.Output<Outputs["bundles"]>;
  /** Files without a signature that holds. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** Public key (PEM), where a key signs. */
  declare readonly publicKey: pulumi.Output<Outputs["publicKey"]>;
  /** For gates and policies. */
  declare readonly evidence: pulumi.Output<Outputs["evidence"]>;

  constructor(name: string, args: FileSignatureArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["bundles", "missing", "publicKey", "evidence"] as const;
    super(
      "slipway:trust:FileSignature",
      name,
      withOutputs<Definition>(withSecretSigner(args), outputs),
      options,
    );
  }
}
