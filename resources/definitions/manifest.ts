import * as z from "zod";
import { defineResource } from "./definition";
import { descriptor, digest, platform, pushedRepository } from "./shapes";
import { renamedFields } from "./renamed-fields";

/** A limit of what users download. */
export const sizeBudget = z
  .strictObject({
    maximumBytes: z
      .number()
      .int()
      .positive()
      .meta({
        description: "Maximum size of manifest, configuration and layers as transferred, in bytes.",
        examples: [100_000_000],
      }),
    layers: z.number().int().positive().optional().describe("Maximum number of layers."),
    exceeded: z
      .enum(["warn", "fail"])
      .optional()
      .describe("What happens above the limit: a warning, or the image is not published. Default: `warn`."),
  })
  .meta({ id: "SizeBudget", description: "Limit of an image's size." });

renamedFields(sizeBudget, { maximum: "maximumBytes" });

/** Where the builder's memory of a build is found. */
const buildSource = z
  .strictObject({
    builder: z.string().optional().describe("Name of the buildx builder. Default: that of buildx."),
    context: z.string().describe("Folder of the context that was built."),
    contextHash: z
      .string()
      .optional()
      .describe("Hash of the context as the builder's provider reports it; another hash is another build."),
  })
  .meta({ id: "BuildSource", description: "Which builder built an image, and from which context." });

const buildRecord = z
  .strictObject({
    startedAt: z.string().optional().describe("Start of the build, RFC 3339."),
    durationSeconds: z.number().optional().describe("How long the build took, with its push."),
    steps: z.number().optional().describe("Steps, as BuildKit counts them."),
    cachedSteps: z.number().optional().describe("Steps that were taken from the cache."),
    notKnown: z.string().optional().describe("Why nothing is known of it."),
  })
  .meta({ id: "BuildRecord", description: "The builder's record of the newest build of an image." });

/** `slipway:oci:Manifest`: an image that somebody else pushes by digest. */
export const manifestDefinition = defineResource({
  token: "slipway:oci:Manifest",
  description:
    "An image for one platform that another resource pushes by digest, e.g. " +
    "`docker-build:index:Image`: observed in the registry before every preview, with what an " +
    "index needs to list it, its size and its number of layers.",
  inputs: z.strictObject({
    repository: pushedRepository,
    digest: digest.describe("Digest of the manifest."),
    platform,
    builtBy: z
      .string()
      .optional()
      .describe("URN of the resource that pushes it, to say how to push it again."),
    build: buildSource.optional().describe("Where it was built, for `buildRecord`."),
    budget: sizeBudget.optional().describe("Limit of the size, on this platform."),
  }),
  outputs: z.strictObject({
    mediaType: z.string().describe("Media type of the manifest."),
    size: z.number().describe("Size of the manifest, in bytes."),
    totalSize: z.number().describe("Size of manifest, configuration and layers as transferred, in bytes."),
    layers: z.number().describe("Number of layers."),
    reference: z.string().describe("`repository@digest`."),
    descriptor: descriptor.describe("Descriptor of the manifest with its platform, for an index."),
    buildRecord: buildRecord
      .optional()
      .describe("Duration and cache hits of the build, where `build` is given and the builder remembers it."),
  }),
  retained: true,
  replaceOn: ["repository", "platform"],
});
