import * as z from "zod";
import { defineResource } from "./definition";
import { digest, platform, repository } from "./shapes";

/**
 * `slipway:docker:Engine`: the Docker engine of this machine, asked before anything is built for
 * it.
 */
export const dockerEngineDefinition = defineResource({
  token: "slipway:docker:Engine",
  description:
    "The Docker engine of this machine, as Docker's command line finds it (`DOCKER_HOST`, " +
    "`DOCKER_CONTEXT`): observed before every preview. Where none answers, whatever depends " +
    "on it is not built.",
  inputs: z.strictObject({
    purpose: z
      .string()
      .optional()
      .meta({
        description: "Why it is needed, for messages.",
        examples: [`mode: "load"`],
      }),
  }),
  outputs: z.strictObject({
    version: z.string().describe("Version of the engine."),
    platform: platform.describe("Platform of the containers that it runs."),
  }),
  replaceOn: [],
});

/** `slipway:docker:LoadedImage`: an image in the Docker engine of this machine, under names. */
export const loadedImageDefinition = defineResource({
  token: "slipway:docker:LoadedImage",
  description:
    "An image in the Docker engine of this machine, under the names that programs and Compose " +
    "files use. It is read from a registry, for one platform, and nothing is pushed.",
  inputs: z.strictObject({
    repository,
    digest: digest.describe("Digest of the image, or of an index that lists one for the platform."),
    platform: platform.describe("Platform of the engine."),
    platforms: z
      .array(platform)
      .optional()
      .describe("Platforms that the image is built for, so that any other is refused before the build."),
    names: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        description: "Names with a tag.",
        examples: [["ghcr.io/acme/hello:v1.2.3"]],
      }),
  }),
  outputs: z.strictObject({
    imageId: z.string().describe("Id of the image in the engine."),
    loaded: z.array(z.string()).describe("Declared names that the image has in the engine."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
