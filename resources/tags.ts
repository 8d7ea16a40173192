// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { tagsDefinition } from "./definitions/tags";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Tags}. */
export type TagsArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /** The tags. */
  tags: DeepInput<types.DeclaredTag[]>;
  /**
   * What is known about the digest, for policies: items exactly as trust resources of this stack
   * output them. Others are refused before anything is published.
   */
  evidence?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * Tags of one repository that point to one manifest or index by digest and are published together:
 * all are checked before the first is set, and version tags are set before aliases. A version tag
 * never moves; an alias moves only as its rule says. A tag that leaves the list stays in the
 * registry, and so do all when the resource is removed. (`slipway:oci:Tags`)
 */
export class Tags extends pulumi.CustomResource implements ObservedProperties<typeof tagsDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** The tags. */
  declare readonly tags: pulumi.Output<types.DeclaredTag[]>;
  /** Digest that each tag has. */
  declare readonly pointers: pulumi.Output<Record<string, string>>;
  /** `repository:tag` of each tag. */
  declare readonly references: pulumi.Output<string[]>;

  constructor(name: string, args: TagsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { pointers: undefined, references: undefined };
    super("slipway:oci:Tags", name, properties<typeof tagsDefinition>(outputs, args), retained(options));
  }
}
