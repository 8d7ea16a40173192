import * as pulumi from "@pulumi/pulumi";
import type { gitHubReleaseDefinition } from "./definitions/github-release";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof gitHubReleaseDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link GitHubRelease}. */
export type GitHubReleaseArgs = ArgumentsOf<Definition, "digests">;

/** A release of GitHub with its assets (`slipway:github:Release`). */
export class GitHubRelease extends pulumi.CustomResource {
  /** GitHub's id of the release; runs again keep it. */
  declare readonly releaseId: pulumi.Output<Outputs["releaseId"]>;
  /** Page of the release. */
  declare readonly url: pulumi.Output<Outputs["url"]>;
  declare readonly createdAt: pulumi.Output<Outputs["createdAt"]>;
  /** When it was published first. */
  declare readonly publishedAt: pulumi.Output<Outputs["publishedAt"]>;
  declare readonly draft: pulumi.Output<Outputs["draft"]>;
  declare readonly immutable: pulumi.Output<Outputs["immutable"]>;
  /** The declared assets as GitHub has them, with the URLs to download them from. */
  declare readonly assets: pulumi.Output<Outputs["assets"]>;
  /** Digest of each asset, by its name. */
  declare readonly digests: pulumi.Output<Outputs["digests"]>;
  /** Declared assets that are not there. */
  declare readonly missing: pulumi.Output<Outputs["missing"]>;
  /** Assets that others added. */
  declare readonly extra: pulumi.Output<Outputs["extra"]>;
  /** Whether the repository shows it as its latest release. */
  declare readonly latest: pulumi.Output<Outputs["latest"]>;

  constructor(name: string, args: GitHubReleaseArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = [
      "releaseId",
      "url",
      "createdAt",
      "publishedAt",
      "draft",
      "immutable",
      "digests",
      "missing",
      "extra",
      "latest",
    ] as const;
    super("slipway:github:Release", name, withOutputs<Definition>(args, outputs), retained(options));
  }
}
