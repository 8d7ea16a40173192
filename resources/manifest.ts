// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { manifestDefinition } from "./definitions/manifest";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Manifest}. */
export type ManifestArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /**
   * Digest of the manifest. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform: pulumi.Input<string>;
  /** URN of the resource that pushes it, to say how to push it again. */
  builtBy?: pulumi.Input<string | undefined>;
  /** Where it was built, for `buildRecord`. */
  build?: DeepInput<types.BuildSource | undefined>;
  /** Limit of the size, on this platform. */
  budget?: DeepInput<types.SizeBudget | undefined>;
};

/**
 * An image for one platform that another resource pushes by digest, e.g.
 * `docker-build:index:Image`: observed in the registry before every preview, with what an index
 * needs to list it, its size and its number of layers. (`slipway:oci:Manifest`)
 */
export class Manifest extends pulumi.CustomResource implements ObservedProperties<typeof manifestDefinition> {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /**
   * Digest of the manifest. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;
  /** Media type of the manifest. */
  declare readonly mediaType: pulumi.Output<string>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** Size of manifest, configuration and layers as transferred, in bytes. */
  declare readonly totalSize: pulumi.Output<number>;
  /** Number of layers. */
  declare readonly layers: pulumi.Output<number>;
  /** `repository@digest`. */
  declare readonly reference: pulumi.Output<string>;
  /** Descriptor of the manifest with its platform, for an index. */
  declare readonly descriptor: pulumi.Output<types.Descriptor>;
  /** Duration and cache hits of the build, where `build` is given and the builder remembers it. */
  declare readonly buildRecord: pulumi.Output<types.BuildRecord | undefined>;

  constructor(name: string, args: ManifestArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      mediaType: undefined,
      size: undefined,
      totalSize: undefined,
      layers: undefined,
      reference: undefined,
      descriptor: undefined,
      buildRecord: undefined,
    };
    super(
      "slipway:oci:Manifest",
      name,
      properties<typeof manifestDefinition>(outputs, args),
      retained(options),
    );
  }
}
