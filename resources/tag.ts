// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { tagDefinition } from "./definitions/tag";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Tag}. */
export type TagArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Tag. Example: `"v1.2.3"`. */
  tag: pulumi.Input<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /**
   * `never`: a version tag, refused where it exists with another digest. `always`: follows the
   * program. `highest`: an alias of the highest stable version in `within`; it stays where a higher
   * one is published. Example: `"never"`.
   */
  moves: pulumi.Input<"never" | "always" | "highest">;
  /**
   * Semantic or calendar version of the digest, for `highest`. A number after it is its revision,
   * e.g. the date of a rebuild. Example: `"v1.2.3"`.
   */
  version?: pulumi.Input<string | undefined>;
  /**
   * Versions the alias is for: all (default), those of a major version, or of a minor one. Example:
   * `"1.2"`.
   */
  within?: pulumi.Input<string | undefined>;
  /**
   * For `highest`: a number after a version is its revision, `1.2.3-2` newer than `1.2.3`. Default:
   * it is a pre-release, but the date of a rebuild that has an alias.
   */
  revisions?: pulumi.Input<boolean | undefined>;
  /**
   * For `highest`: what stands before the versions that are compared, where the repository has those
   * of several components; no others are compared. Default: nothing, or a `v`. Example: `"cli-"`.
   */
  component?: pulumi.Input<string | undefined>;
  /**
   * For `highest`: versions are calendar versions, such as `2022.04.1`, and no others are compared.
   * Default: they are semantic versions.
   */
  calendar?: pulumi.Input<boolean | undefined>;
  /**
   * For `highest`: tags that are not compared, by pattern; `*` stands for any characters. Example:
   * `"v9.*"`.
   */
  except?: DeepInput<string[] | undefined>;
  /**
   * What is known about the digest, for policies: items exactly as trust resources of this stack
   * output them. Others are refused before anything is published.
   */
  evidence?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * A tag of a repository that points to a manifest or index by digest. A version tag never moves; an
 * alias moves only as its rule says. Removing the resource leaves the tag in the registry. For
 * several tags of one image, use `slipway:oci:Tags`. (`slipway:oci:Tag`)
 */
export class Tag extends pulumi.CustomResource implements ObservedProperties<typeof tagDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Tag. Example: `"v1.2.3"`. */
  declare readonly tag: pulumi.Output<string>;
  /**
   * `never`: a version tag, refused where it exists with another digest. `always`: follows the
   * program. `highest`: an alias of the highest stable version in `within`; it stays where a higher
   * one is published. Example: `"never"`.
   */
  declare readonly moves: pulumi.Output<"never" | "always" | "highest">;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** `repository:tag`. */
  declare readonly reference: pulumi.Output<string>;
  /** Media type of the content. */
  declare readonly mediaType: pulumi.Output<string>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, reference: undefined, mediaType: undefined };
    super("slipway:oci:Tag", name, properties<typeof tagDefinition>(outputs, args), retained(options));
  }
}
