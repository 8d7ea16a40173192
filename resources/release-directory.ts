import * as pulumi from "@pulumi/pulumi";
import type { releaseDirectoryDefinition } from "./definitions/release-directory";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof releaseDirectoryDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link ReleaseDirectory}. */
export type ReleaseDirectoryArgs = ArgumentsOf<Definition, "record" | "newest">;

/** A release in a folder, laid out as a forge's download URLs (`slipway:release:Directory`). */
export class ReleaseDirectory extends pulumi.CustomResource {
  /** Digest of each published file, by name. */
  declare readonly published: pulumi.Output<Outputs["published"]>;
  /** Path of each file below the served folder, which is the path of its URL. */
  declare readonly downloads: pulumi.Output<Outputs["downloads"]>;
  declare readonly record: pulumi.Output<Outputs["record"]>;
  /** The tag that `latest` is; empty where it is none. */
  declare readonly newest: pulumi.Output<Outputs["newest"]>;

  constructor(name: string, args: ReleaseDirectoryArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["published", "downloads", "record", "newest"] as const;
    super("slipway:release:Directory", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
