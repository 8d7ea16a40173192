// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { fileSignatureDefinition } from "./definitions/file-signature";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import { withSecretSigner } from "./signer-arguments";
import type * as types from "./types";

/** Arguments of {@link FileSignature}. */
export type FileSignatureArgs = {
  /** What is signed. */
  files: DeepInput<types.FileToSign[]>;
  /** Signer: a key in a file, a key in a service, or an identity. */
  signer: DeepInput<types.Signer>;
  /** Folder for the bundles, relative to the project's. Default: beside each file. */
  directory?: pulumi.Input<string | undefined>;
  /** Releases of the files: a signature that is published there, and holds, is taken. */
  published?: DeepInput<types.ReleasePlace[] | undefined>;
};

/**
 * Signatures of files as Sigstore bundles, `FILE.sigstore.json`, which `cosign verify-blob
 * --bundle` verifies. A valid signature is taken, not made anew: that of the last run, one that is
 * published, or one beside the file. Where a bundle is not on this machine, it is placed when
 * something needs it: a missing one is no difference. (`slipway:trust:FileSignature`)
 */
export class FileSignature
  extends pulumi.CustomResource
  implements ObservedProperties<typeof fileSignatureDefinition>
{
  /** What is signed. */
  declare readonly files: pulumi.Output<types.FileToSign[]>;
  /** Signer: a key in a file, a key in a service, or an identity. */
  declare readonly signer: pulumi.Output<types.Signer>;
  /** The bundles, one for each file. */
  declare readonly bundles: pulumi.Output<types.FileBundle[]>;
  /** Files without a valid signature, each with the reason. */
  declare readonly missing: pulumi.Output<string[]>;
  /** Public key (PEM), where a key signs. */
  declare readonly publicKey: pulumi.Output<string | undefined>;
  /** The same for gates and policies. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: FileSignatureArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { bundles: undefined, missing: undefined, publicKey: undefined, evidence: undefined };
    super(
      "slipway:trust:FileSignature",
      name,
      properties<typeof fileSignatureDefinition>(outputs, withSecretSigner(args)),
      options,
    );
  }
}
