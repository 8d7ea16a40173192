import * as pulumi from "@pulumi/pulumi";
import type { releaseAssetDefinition } from "./definitions/release-asset";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof releaseAssetDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link ReleaseAsset}. */
export type ReleaseAssetArgs = ArgumentsOf<Definition, "trusted">;

/** A verified file of another project's release (`slipway:release:Asset`). */
export class ReleaseAsset extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<Outputs["name"]>;
  /** Where it was fetched from. */
  declare readonly location: pulumi.Output<Outputs["location"]>;
  /** Path of the file, relative to the project's folder. */
  declare readonly path: pulumi.Output<Outputs["path"]>;
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** Size in bytes. */
  declare readonly size: pulumi.Output<Outputs["size"]>;
  /** What the digest was compared with: the sums file, or the declaration. */
  declare readonly verifiedBy: pulumi.Output<Outputs["verifiedBy"]>;
  /** Who signed, where a signature was verified. */
  declare readonly signedBy: pulumi.Output<Outputs["signedBy"]>;
  /** What was taken out of the archive, by path in it. */
  declare readonly files: pulumi.Output<Outputs["files"]>;

  constructor(name: string, args: ReleaseAssetArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = [
      "name",
      "location",
      "path",
      "digest",
      "size",
      "verifiedBy",
      "signedBy",
      "files",
    ] as const;
    super("slipway:release:Asset", name, withOutputs<Definition>(args, outputs), options);
  }
}
