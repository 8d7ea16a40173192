// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { verificationDefinition } from "./definitions/verification";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Verification}. */
export type VerificationArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Digests that must be signed. */
  subjects: DeepInput<types.Subject[]>;
  /** Trusted signer: a public key, or an identity with its issuer and a trusted root. */
  verifier: DeepInput<types.Verifier>;
  /**
   * Types of statements that each subject must have. Default: a signature,
   * https://sigstore.dev/cosign/sign/v1, for which one of the older scheme counts too. Example:
   * `["https://sigstore.dev/cosign/sign/v1","https://slsa.dev/provenance/v1"]`.
   */
  predicateTypes?: DeepInput<string[] | undefined>;
  /**
   * Programs that have to be able to verify the signature of each subject, in a form that they read.
   * Default: none; a signature in any form will do. Example: `["cosign","podman"]`.
   */
  consumers?: DeepInput<("cosign" | "podman" | "kyverno" | "policy-controller")[] | undefined>;
};

/**
 * Fails unless each subject has a valid signature by a trusted signer. Key or identity, digest and
 * type of the statement must all match: an attestation by the same key is not a signature, although
 * `cosign verify` accepts it as one. Promotion depends on it. (`slipway:trust:Verification`)
 */
export class Verification
  extends pulumi.CustomResource
  implements ObservedProperties<typeof verificationDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Digests that must be signed. */
  declare readonly subjects: pulumi.Output<types.Subject[]>;
  /** Trusted signer: a public key, or an identity with its issuer and a trusted root. */
  declare readonly verifier: pulumi.Output<types.Verifier>;
  /** The valid statements. */
  declare readonly verified: pulumi.Output<types.VerifiedStatement[]>;
  /** Signatures that the declared consumers read, one for each subject and consumer. */
  declare readonly readable: pulumi.Output<types.ReadableSignature[] | undefined>;
  /** Statements that are no longer valid, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** Public key (PEM), where a key is trusted. */
  declare readonly publicKey: pulumi.Output<string | undefined>;
  /** The same for policies. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      verified: undefined,
      readable: undefined,
      missing: undefined,
      publicKey: undefined,
      evidence: undefined,
    };
    super(
      "slipway:trust:Verification",
      name,
      properties<typeof verificationDefinition>(outputs, args),
      options,
    );
  }
}
