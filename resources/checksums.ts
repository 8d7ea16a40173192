// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { checksumsDefinition } from "./definitions/checksums";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Checksums}. */
export type ChecksumsArgs = {
  /** Where the file is placed, relative to the project's folder. Example: `"dist/SHA256SUMS"`. */
  path: pulumi.Input<string>;
  /** Artifacts to sum. Order does not matter; names must be unique. */
  artifacts: DeepInput<types.Artifact[]>;
  /**
   * Paths of those artifacts that this program makes and no resource removes, as SBOMs. One that is
   * not listed any more is removed, unless somebody changed it. Default: none.
   */
  made?: DeepInput<string[] | undefined>;
};

/**
 * A file with the SHA-256 sums of artifacts, sorted by name, in the format that `sha256sum -c`
 * reads. Its digest is known at preview. It is placed when it changes, and where it is not on this
 * machine, when something needs it: a missing file is no difference. It is removed where it leaves
 * the program, unless somebody changed it. (`slipway:build:Checksums`)
 */
export class Checksums
  extends pulumi.CustomResource
  implements ObservedProperties<typeof checksumsDefinition>
{
  /** Where the file is placed, relative to the project's folder. Example: `"dist/SHA256SUMS"`. */
  declare readonly path: pulumi.Output<string>;
  /** Artifacts to sum. Order does not matter; names must be unique. */
  declare readonly artifacts: pulumi.Output<types.Artifact[]>;
  /** Digest of the file. */
  declare readonly digest: pulumi.Output<string>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** The sums file itself, as a release takes it. */
  declare readonly artifact: pulumi.Output<types.Artifact>;

  constructor(name: string, args: ChecksumsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, artifact: undefined };
    super("slipway:build:Checksums", name, properties<typeof checksumsDefinition>(outputs, args), options);
  }
}
