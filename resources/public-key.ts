// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { publicKeyDefinition } from "./definitions/public-key";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link PublicKey}. */
export type PublicKeyArgs = {
  /** Signer: a key in a file, or in a service. */
  signer: DeepInput<types.Signer>;
};

/**
 * The public key of a signer, for what is to verify by itself, e.g. an installer. It is known at
 * preview, and reading it needs no password. (`slipway:trust:PublicKey`)
 */
export class PublicKey
  extends pulumi.CustomResource
  implements ObservedProperties<typeof publicKeyDefinition>
{
  /** Signer: a key in a file, or in a service. */
  declare readonly signer: pulumi.Output<types.Signer>;
  /** The public key (PEM). */
  declare readonly publicKey: pulumi.Output<string>;

  constructor(name: string, args: PublicKeyArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { publicKey: undefined };
    super(
      "slipway:trust:PublicKey",
      name,
      properties<typeof publicKeyDefinition>(outputs, withSecretSigner(args)),
      options,
    );
  }
}
