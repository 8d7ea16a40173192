// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { buildPartDefinition } from "./definitions/build-part";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link BuildPart}. */
export type BuildPartArgs = {
  /** Name of the image. */
  image: pulumi.Input<string>;
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  platform: pulumi.Input<string>;
  /** Version of the distribution. */
  version?: pulumi.Input<string | undefined>;
  /** Commit of the sources. */
  revision?: pulumi.Input<string | undefined>;
  /**
   * Digest of the Dockerfile and of the files that it reads. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  context: pulumi.Input<string>;
  /** Digest of each image that it starts from or copies from, by its reference. */
  bases: DeepInput<Record<string, string>>;
  /** Whatever else decides what is built. */
  settings: DeepInput<types.PartSettings>;
  /**
   * Digest that this run has pushed; absent where another run builds it. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  built?: pulumi.Input<string | undefined>;
};

/**
 * An image for one platform of a distribution whose platforms are built by runs of their own
 * (`split`). The run that builds it records what it has pushed, and from what; the run that joins
 * the platforms takes it from the files of `SLIPWAY_PARTS` where it was built from the same, and
 * looks whether the registry has it. (`slipway:build:Part`)
 */
export class BuildPart
  extends pulumi.CustomResource
  implements ObservedProperties<typeof buildPartDefinition>
{
  /** Name of the image. */
  declare readonly image: pulumi.Output<string>;
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** Platform as `os/architecture[/variant]`. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;
  /**
   * Digest of the Dockerfile and of the files that it reads. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly context: pulumi.Output<string>;
  /** Digest of each image that it starts from or copies from, by its reference. */
  declare readonly bases: pulumi.Output<Record<string, string>>;
  /** Whatever else decides what is built. */
  declare readonly settings: pulumi.Output<types.PartSettings>;
  /**
   * Digest of the manifest. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Size of the manifest, in bytes. */
  declare readonly size: pulumi.Output<number>;
  /** What it was built from: only a run that would build from the same takes it. */
  declare readonly builtFrom: pulumi.Output<types.BuiltFrom>;

  constructor(name: string, args: BuildPartArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, size: undefined, builtFrom: undefined };
    super("slipway:build:Part", name, properties<typeof buildPartDefinition>(outputs, args), options);
  }
}
