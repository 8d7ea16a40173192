// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { codeSignaturesDefinition } from "./definitions/code-signatures";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link CodeSignatures}. */
export type CodeSignaturesArgs = {
  /** Programs. */
  programs: DeepInput<types.MacProgram[]>;
  /** Whether Apple has notarized them. It is taken as it is declared. */
  notarized: pulumi.Input<boolean>;
};

/**
 * Whether programs for macOS are signed by a developer, as far as that can be read in them on any
 * system: that a signature is there, not whose it is. Whether Apple has notarized them is declared,
 * since that is asked of Apple alone. Nothing is refused here: the policy `casks-are-signed` finds
 * what macOS will not start. (`slipway:macos:CodeSignatures`)
 */
export class CodeSignatures
  extends pulumi.CustomResource
  implements ObservedProperties<typeof codeSignaturesDefinition>
{
  /** Programs. */
  declare readonly programs: pulumi.Output<types.MacProgram[]>;
  /** Whether Apple has notarized them. It is taken as it is declared. */
  declare readonly notarized: pulumi.Output<boolean>;
  /** What they say of their signatures. */
  declare readonly signatures: pulumi.Output<types.MacSignature[]>;

  constructor(name: string, args: CodeSignaturesArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { signatures: undefined };
    super(
      "slipway:macos:CodeSignatures",
      name,
      properties<typeof codeSignaturesDefinition>(outputs, args),
      options,
    );
  }
}
