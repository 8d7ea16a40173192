// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { dockerEngineDefinition } from "./definitions/docker";
import type { loadedImageDefinition } from "./definitions/docker";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";

/** Arguments of {@link DockerEngine}. */
export type DockerEngineArgs = {
  /** Why it is needed, for messages. Example: `"mode: \"load\""`. */
  purpose?: pulumi.Input<string | undefined>;
};

/**
 * The Docker engine of this machine, as Docker's command line finds it (`DOCKER_HOST`,
 * `DOCKER_CONTEXT`): observed before every preview. Where none answers, whatever depends on it is
 * not built. (`slipway:docker:Engine`)
 */
export class DockerEngine
  extends pulumi.CustomResource
  implements ObservedProperties<typeof dockerEngineDefinition>
{
  /** Version of the engine. */
  declare readonly version: pulumi.Output<string>;
  /** Platform of the containers that it runs. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;

  constructor(name: string, args: DockerEngineArgs = {}, options?: pulumi.CustomResourceOptions) {
    const outputs = { version: undefined, platform: undefined };
    super("slipway:docker:Engine", name, properties<typeof dockerEngineDefinition>(outputs, args), options);
  }
}

/** Arguments of {@link LoadedImage}. */
export type LoadedImageArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /**
   * Digest of the image, or of an index that lists one for the platform. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /** Platform of the engine. Example: `"linux/amd64"`. */
  platform: pulumi.Input<string>;
  /** Platforms that the image is built for, so that any other is refused before the build. */
  platforms?: DeepInput<string[] | undefined>;
  /** Names with a tag. Example: `["ghcr.io/acme/hello:v1.2.3"]`. */
  names: DeepInput<string[]>;
};

/**
 * An image in the Docker engine of this machine, under the names that programs and Compose files
 * use. It is read from a registry, for one platform, and nothing is pushed.
 * (`slipway:docker:LoadedImage`)
 */
export class LoadedImage
  extends pulumi.CustomResource
  implements ObservedProperties<typeof loadedImageDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /**
   * Digest of the image, or of an index that lists one for the platform. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Platform of the engine. Example: `"linux/amd64"`. */
  declare readonly platform: pulumi.Output<string>;
  /** Names with a tag. Example: `["ghcr.io/acme/hello:v1.2.3"]`. */
  declare readonly names: pulumi.Output<string[]>;
  /** Id of the image in the engine. */
  declare readonly imageId: pulumi.Output<string>;
  /** Declared names that the image has in the engine. */
  declare readonly loaded: pulumi.Output<string[]>;

  constructor(name: string, args: LoadedImageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { imageId: undefined, loaded: undefined };
    super(
      "slipway:docker:LoadedImage",
      name,
      properties<typeof loadedImageDefinition>(outputs, args),
      retained(options),
    );
  }
}
