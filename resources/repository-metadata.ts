// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { repositoryMetadataDefinition } from "./definitions/repository-metadata";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link RepositoryMetadata}. */
export type RepositoryMetadataArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Whose API it is. */
  kind: pulumi.Input<"docker-hub" | "quay" | "harbor">;
  /**
   * Address of the API. Default: that of the service, and for one of your own the repository's host.
   * Example: `"https://hub.docker.com"`.
   */
  api?: pulumi.Input<string | undefined>;
  /**
   * Who may change it. Default: who pushes, where the API takes that; many tokens that push may not.
   */
  login?: DeepInput<types.CuratorLogin | undefined>;
  /** One line in lists, Docker Hub's: at most 100 bytes. Default: it stays as it is. */
  description?: pulumi.Input<string | undefined>;
  /**
   * The text of its page, in Markdown. Docker Hub: at most 25,000 bytes. Default: it stays as it is.
   */
  overview?: DeepInput<types.RepositoryOverview | undefined>;
  /**
   * Slugs of Docker Hub's categories. Its API tells them and does not set them: where others are
   * there, the state is `awaiting`, and says where somebody can choose them. Example:
   * `["databases"]`.
   */
  categories?: DeepInput<string[] | undefined>;
  /** Who may see it; at Harbor the whole project. Default: it stays as it is. */
  visibility?: pulumi.Input<"public" | "private" | undefined>;
  /**
   * Patterns of tags that never move, as the service writes them: regular expressions, and for Harbor
   * globs. None: all may move. Default: the rules stay as they are. Example:
   * `["^v[0-9]+\\.[0-9]+\\.[0-9]+"]`.
   */
  immutableTags?: DeepInput<string[] | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * What a registry shows of a repository beside its content: descriptions, who may see it, which
 * tags never move. It is told and set by the registry's own API: Docker Hub's, Quay's or Harbor's.
 * Fields that are not declared stay as they are; what somebody has edited by hand in the others is
 * seen and put back. A repository that is not there is made where that takes no push. Removing the
 * resource changes nothing there. (`slipway:oci:RepositoryMetadata`)
 */
export class RepositoryMetadata
  extends pulumi.CustomResource
  implements ObservedProperties<typeof repositoryMetadataDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Whose API it is. */
  declare readonly kind: pulumi.Output<"docker-hub" | "quay" | "harbor">;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Address of its page. */
  declare readonly page: pulumi.Output<string>;
  /** One line in lists, as the registry has it. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** The text of its page, as the registry has it. */
  declare readonly fullDescription: pulumi.Output<string | undefined>;
  /** Slugs of its categories. */
  declare readonly categories: pulumi.Output<string[] | undefined>;
  /** Who may see it. */
  declare readonly visibility: pulumi.Output<"public" | "private" | undefined>;
  /** Patterns of tags that never move. */
  declare readonly immutableTags: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: RepositoryMetadataArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      page: undefined,
      description: undefined,
      fullDescription: undefined,
      categories: undefined,
      visibility: undefined,
      immutableTags: undefined,
    };
    super(
      "slipway:oci:RepositoryMetadata",
      name,
      properties<typeof repositoryMetadataDefinition>(outputs, args),
      retained(options),
    );
  }
}
