// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { attestationDefinition } from "./definitions/attestation";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link Attestation}. */
export type AttestationArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** The statements, each with the digest that it is about. */
  statements: DeepInput<types.AttestationStatement[]>;
  /** Signer of the statements. Default: none; they are unsigned. */
  signer?: DeepInput<types.Signer | undefined>;
};

/**
 * In-toto statements about digests, attached as OCI 1.1 referrers. With a signer each is a Sigstore
 * bundle, which `cosign verify-attestation` accepts; without one it is a plain statement. An
 * existing statement with the same content is not made again. (`slipway:trust:Attestation`)
 */
export class Attestation
  extends pulumi.CustomResource
  implements ObservedProperties<typeof attestationDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** The statements, each with the digest that it is about. */
  declare readonly statements: pulumi.Output<types.AttestationStatement[]>;
  /** The statements in the registry. */
  declare readonly attestations: pulumi.Output<types.AttachedStatement[]>;
  /** Statements missing from the registry, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** One fact for each statement. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: AttestationArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { attestations: undefined, missing: undefined, evidence: undefined };
    super(
      "slipway:trust:Attestation",
      name,
      properties<typeof attestationDefinition>(outputs, withSecretSigner(args)),
      retained(options),
    );
  }
}
