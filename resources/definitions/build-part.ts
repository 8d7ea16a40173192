import * as z from "zod";
import { defineResource } from "./definition";
import { digest, platform, repository } from "./shapes";

const text = z.record(z.string(), z.string());

const settings = z
  .strictObject({
    stage: z.string().optional().describe("Stage that is built."),
    buildArgs: text.optional().describe("Build arguments."),
    labels: text.optional().describe("Labels, which the image has to have."),
    annotations: text.optional().describe("Annotations of the manifest."),
    created: z.string().optional().describe("Creation time, RFC 3339."),
    network: z.string().optional().describe("Network of `RUN`."),
    secrets: z.array(z.string()).optional().describe("Names of the secrets that are set."),
    contexts: text.optional().describe("Further contexts that are no folders, by name."),
  })
  .meta({ id: "PartSettings", description: "What decides a build beside files and bases." });

const builtFrom = z
  .strictObject({
    version: z.string().optional().describe("Version of the distribution."),
    revision: z.string().optional().describe("Commit of the sources."),
    context: z.string().describe("Digest of the Dockerfile and of the files that it reads."),
    bases: text.describe("Digest of each image that it starts from or copies from, by its reference."),
    settings: text.describe("Digest of each further setting."),
  })
  .meta({ id: "BuiltFrom", description: "What a build was made from, as a file tells it another run." });

/** `slipway:build:Part`: an image for one platform that a run of its own has built. */
export const buildPartDefinition = defineResource({
  token: "slipway:build:Part",
  description:
    "An image for one platform of a distribution whose platforms are built by runs of their own (`split`). The run " +
    "that builds it records what it has pushed, and from what; the run that joins the platforms takes it from the " +
    "files of `SLIPWAY_PARTS` where it was built from the same, and looks whether the registry has it.",
  inputs: z.strictObject({
    image: z.string().min(1).describe("Name of the image."),
    repository,
    platform,
    version: z.string().optional().describe("Version of the distribution."),
    revision: z.string().optional().describe("Commit of the sources."),
    context: digest.describe("Digest of the Dockerfile and of the files that it reads."),
    bases: text.describe("Digest of each image that it starts from or copies from, by its reference."),
    settings: settings.describe("Whatever else decides what is built."),
    built: digest.optional().describe("Digest that this run has pushed; absent where another run builds it."),
    digest: digest.optional().describe("Computed: digest of the manifest."),
  }),
  computed: ["digest"],
  outputs: z.strictObject({
    digest: digest.describe("Digest of the manifest."),
    size: z.number().describe("Size of the manifest, in bytes."),
    builtFrom: builtFrom.describe(
      "What it was built from: only a run that would build from the same takes it.",
    ),
  }),
  statedOnce: ["settings"],
  replaceOn: ["repository", "platform"],
});
