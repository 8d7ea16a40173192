import * as pulumi from "@pulumi/pulumi";
import type { buildContextDefinition } from "./definitions/build-context";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof buildContextDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link BuildContext}. */
export type BuildContextArgs = ArgumentsOf<
  Definition,
  "location" | "files" | "bases" | "rebuilds" | "user" | "pending"
>;

/** What a build of a Dockerfile reads, file by file (`slipway:build:Context`). */
export class BuildContext extends pulumi.CustomResource {
  /** Digest of all that is read. */
  declare readonly digest: pulumi.Output<Outputs["digest"]>;
  /** Folder of the copied context, relative to the project's. */
  declare readonly stagedContext: pulumi.Output<Outputs["stagedContext"]>;
  /** Path of the copied Dockerfile, relative to the project's folder. */
  declare readonly stagedDockerfile: pulumi.Output<Outputs["stagedDockerfile"]>;
  /** Folders of the other copied contexts, by name. */
  declare readonly stagedFolders: pulumi.Output<Outputs["stagedFolders"]>;
  /** Images that the Dockerfile starts from or copies from. */
  declare readonly bases: pulumi.Output<Outputs["bases"]>;
  /** Number of files in the contexts. */
  declare readonly fileCount: pulumi.Output<Outputs["fileCount"]>;
  /** How errors of the builder read, with the lines of the Dockerfile. */
  declare readonly failureLines: pulumi.Output<Outputs["failureLines"]>;
  /** How often the image of a platform was found gone from the registry: each time is a reason to build it again. */
  declare readonly rebuilds: pulumi.Output<Outputs["rebuilds"]>;

  constructor(name: string, args: BuildContextArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = [
      "digest",
      "stagedContext",
      "stagedDockerfile",
      "stagedFolders",
      "bases",
      "fileCount",
      "failureLines",
      "rebuilds",
    ] as const;
    super("slipway:build:Context", name, withOutputs<Definition>(args, outputs), options);
  }
}
