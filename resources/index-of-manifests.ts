// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { indexDefinition } from "./definitions/index-of-manifests";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Index}. */
export type IndexArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Descriptors of the manifests, in this order. */
  manifests: DeepInput<types.Descriptor[]>;
  /**
   * Annotations (image-spec/annotations.md). Example:
   * `{"org.opencontainers.image.source":"https://github.com/acme/hello"}`.
   */
  annotations?: DeepInput<Record<string, string> | undefined>;
  /**
   * Standard annotations; those of `annotations` go before. An index that was published without any
   * does not become another one for them alone. Example:
   * `{"org.opencontainers.image.licenses":"Apache-2.0"}`.
   */
  standardAnnotations?: DeepInput<Record<string, string> | undefined>;
};

/**
 * A list of manifests, usually one a platform, pushed by digest after all of its manifests
 * (image-spec/image-index.md). (`slipway:oci:Index`)
 */
export class Index extends pulumi.CustomResource implements ObservedProperties<typeof indexDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Descriptors of the manifests, in this order. */
  declare readonly manifests: pulumi.Output<types.Descriptor[]>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Media type of the content. */
  declare readonly mediaType: pulumi.Output<string>;
  /** Size of the index, in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<string>;

  constructor(name: string, args: IndexArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, mediaType: undefined, size: undefined, reference: undefined };
    super("slipway:oci:Index", name, properties<typeof indexDefinition>(outputs, args), retained(options));
  }
}
