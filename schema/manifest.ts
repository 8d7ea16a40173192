import * as z from "zod";
import { defineResource } from "./definition";
import { descriptor, digest, platform, repository } from "./shapes";

/** A limit of what users download. */
export const sizeBudget = z
  .strictObject({
    maximum: z
      .number()
      .int()
      .positive()
      .meta({
        description: "Most bytes of manifest, configuration and layers as transferred.",
        examples: [100_000_000],
      }),
    layers: z.number().int().positive().optional().describe("Most layers."),
    exceeded: z
      .enum(["warn", "fail"])
      .optional()
      .describe(
        "What happens where there is more: a warning, or the image is not published. Default: `warn`.",
      ),
  })
  .meta({ id: "SizeBudget", description: "Limit of an image's size (CORE-12, TINY-42)." });

/** `slipway:oci:Manifest`: an image that somebody else pushes by digest. */
export const manifestDefinition = defineResource({
  token: "slipway:oci:Manifest",
  description:
    "An image for one platform that another resource pushes by digest, e.g. `docker-build:index:Image`: observed in the " +
    "registry before every preview, with what an index needs to list it, its size and its number of layers.",
  inputs: z.strictObject({
    repository,
    digest: digest.describe("Digest of the manifest."),
    platform,
    builtBy: z
      .string()
      .optional()
      .describe("URN of the resource that pushes it, to say how it is made again."),
    budget: sizeBudget.optional().describe("Limit of the size, on this platform."),
  }),
  outputs: z.strictObject({
    mediaType: z.string().describe("Media type of the manifest."),
    size: z.number().describe("Size of the manifest, in bytes."),
    totalSize: z.number().describe("Size of manifest, configuration and layers as transferred, in bytes."),
    layers: z.number().describe("Number of layers."),
    reference: z.string().describe("`repository@digest`."),
    descriptor: descriptor.describe("Descriptor of the manifest with its platform, for an index."),
  }),
  replaceOn: ["repository", "platform"],
});
