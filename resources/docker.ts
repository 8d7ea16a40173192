import * as pulumi from "@pulumi/pulumi";
import type { dockerEngineDefinition, loadedImageDefinition } from "./definitions/docker";
import { retained, withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type EngineDefinition = typeof dockerEngineDefinition;
type EngineOutputs = OutputsOf<EngineDefinition>;
type ImageDefinition = typeof loadedImageDefinition;
type ImageOutputs = OutputsOf<ImageDefinition>;

/** Arguments of {@link DockerEngine}. */
export type DockerEngineArgs = ArgumentsOf<EngineDefinition>;

/** The Docker engine of this machine (`slipway:docker:Engine`). */
export class DockerEngine extends pulumi.CustomResource {
  declare readonly version: pulumi.Output<EngineOutputs["version"]>;
  /** Platform of the containers that it runs. */
  declare readonly platform: pulumi.Output<EngineOutputs["platform"]>;

  constructor(name: string, args: DockerEngineArgs = {}, options?: pulumi.CustomResourceOptions) {
    const outputs = ["version", "platform"] as const;
    super("slipway:docker:Engine", name, withOutputs<EngineDefinition>(args, outputs), options);
  }
}

/** Arguments of {@link LoadedImage}. */
export type LoadedImageArgs = ArgumentsOf<ImageDefinition>;

/** An image in the Docker engine of this machine (`slipway:docker:LoadedImage`). */
export class LoadedImage extends pulumi.CustomResource {
  /** Id of the image in the engine. */
  declare readonly imageId: pulumi.Output<ImageOutputs["imageId"]>;
  /** Names that it has there. */
  declare readonly loaded: pulumi.Output<ImageOutputs["loaded"]>;

  constructor(name: string, args: LoadedImageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = ["imageId", "loaded"] as const;
    super("slipway:docker:LoadedImage", name, withOutputs<ImageDefinition>(args, outputs), retained(options));
  }
}
