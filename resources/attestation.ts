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
  /** What is said about which digest. */
  statements: DeepInput<types.AttestationStatement[]>;
  /** Who signs the statements. Default: nobody. */
  signer?: DeepInput<types.Signer | undefined>;
};

/**
 * In-toto statements about digests, attached as OCI 1.1 referrers. With a signer each is a Sigstore
 * bundle, which `cosign verify-attestation` accepts; without one it is a plain statement. A
 * statement that is there and says the same is not made again. (`slipway:trust:Attestation`)
 */
export class Attestation
  extends pulumi.CustomResource
  implements ObservedProperties<typeof attestationDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** What is said about which digest. */
  declare readonly statements: pulumi.Output<types.AttestationStatement[]>;
  /** The statements in the registry. */
  declare readonly attestations: pulumi.Output<types.AttachedStatement[]>;
  /** What the registry lacks of them, each with the reason. */
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
