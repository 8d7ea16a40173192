// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { signatureDefinition } from "./definitions/signature";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link Signature}. */
export type SignatureArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** What is signed. */
  subjects: DeepInput<types.Subject[]>;
  /** Signer: a key in a file, a key in a service, or an identity. */
  signer: DeepInput<types.Signer>;
  /**
   * Whether to sign in the older scheme too (the tag `sha256-<hex>.sig`), for clients that do not
   * know bundles. Default: false.
   */
  legacy?: pulumi.Input<boolean | undefined>;
  /**
   * Annotations to sign; `cosign verify -a` requires them. Example:
   * `{"org.opencontainers.image.source":"https://github.com/acme/hello"}`.
   */
  annotations?: DeepInput<Record<string, string> | undefined>;
};

/**
 * Signatures of indexes and manifests by digest, as cosign makes and verifies them: Sigstore
 * bundles attached as OCI 1.1 referrers. Existing signatures, including cosign's, are found and
 * verified, and a signature is made only if none is valid. The next preview notices one that was
 * deleted or changed, and it is made again. Another key adds a signature; existing ones stay.
 * (`slipway:trust:Signature`)
 */
export class Signature
  extends pulumi.CustomResource
  implements ObservedProperties<typeof signatureDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** What is signed. */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** Signer: a key in a file, a key in a service, or an identity. */
  declare readonly signer: pulumi.Output<types.Signer>;
  /** The valid signatures, one for each subject. */
  declare readonly signatures: pulumi.Output<types.ImageSignature[]>;
  /** Subjects without a valid signature, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** Public key (PEM), where a key signs. */
  declare readonly publicKey: pulumi.Output<string | undefined>;
  /** The same for gates and policies. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: SignatureArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { signatures: undefined, missing: undefined, publicKey: undefined, evidence: undefined };
    super(
      "slipway:trust:Signature",
      name,
      properties<typeof signatureDefinition>(outputs, withSecretSigner(args)),
      retained(options),
    );
  }
}
