// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { imageDefinition } from "./definitions/image";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Image}. */
export type ImageArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform: pulumi.Input<string>;
  /**
   * Image to start from; of an index, the manifest for `platform`. Example:
   * `"docker.io/library/alpine:3.20"`.
   */
  base?: pulumi.Input<string | undefined>;
  /** Layers on top of the base, lowest first. */
  layers?: DeepInput<types.Layer[] | undefined>;
  /** Configuration of the image (image-spec/config.md). */
  config?: DeepInput<types.ImageConfig | undefined>;
  /**
   * Annotations (image-spec/annotations.md). Example:
   * `{"org.opencontainers.image.source":"https://github.com/acme/hello"}`.
   */
  annotations?: DeepInput<Record<string, string> | undefined>;
  /**
   * Standard annotations, which become labels too; those of `annotations` and `config.labels` go
   * before. An image that was published without any does not become another one for them alone.
   * Example: `{"org.opencontainers.image.licenses":"Apache-2.0"}`.
   */
  standardAnnotations?: DeepInput<Record<string, string> | undefined>;
  /**
   * Creation time in the configuration, RFC 3339. Default: the epoch, so that equal inputs give equal
   * digests. Example: `"2026-01-31T12:00:00Z"`.
   */
  created?: pulumi.Input<string | undefined>;
};

/**
 * An image for one platform, assembled without a container engine from a base (or none), files and
 * configuration, and pushed by digest. The digest depends on the inputs alone and is known at
 * preview. Without layers, configuration and annotations it is the base itself, byte for byte.
 * (`slipway:oci:Image`)
 */
export class Image extends pulumi.CustomResource implements ObservedProperties<typeof imageDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;
  /**
   * SHA-256 digest as `sha256:<hex>`. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Media type of the manifest. */
  declare readonly mediaType: pulumi.Output<string>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** Size of manifest, configuration and layers as transferred, in bytes. */
  declare readonly totalSize: pulumi.Output<number>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<string>;
  /** Descriptor of the manifest with its platform, for an index. */
  declare readonly descriptor: pulumi.Output<types.Descriptor>;

  constructor(name: string, args: ImageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      digest: undefined,
      mediaType: undefined,
      size: undefined,
      totalSize: undefined,
      reference: undefined,
      descriptor: undefined,
    };
    super("slipway:oci:Image", name, properties<typeof imageDefinition>(outputs, args), retained(options));
  }
}
