import * as z from "zod";
import { parseReference } from "../../lib/oci/reference";
import { checked, defineResource } from "./definition";
import { lockUse, pendingDigests } from "./image-lock";
import { digest, platform, repository } from "./shapes";
import { renamedFields } from "./renamed-fields";

const path = z.string().min(1);

const base = z
  .strictObject({
    reference: z.string().describe("Reference as BuildKit sees it, with variables expanded."),
    line: z.number().describe("Line in the Dockerfile."),
    image: z.string().optional().describe("Name of the image of the same distribution that it stands for."),
    digest: digest
      .optional()
      .describe("Digest that the reference points to; absent if no registry had to be asked."),
    floating: z
      .boolean()
      .describe("Whether the reference is floating: its publisher moves it to new content."),
  })
  .meta({ id: "BaseReference", description: "An image that a Dockerfile starts from or copies from." });

const failureLine = z
  .strictObject({
    pattern: z.string().describe("Part of the error; `*` stands for anything."),
    line: z.number().describe("Line in the Dockerfile."),
    instruction: z.string().describe("First line of the instruction."),
  })
  .meta({ id: "FailureLine", description: "The builder's error text for an instruction." });

/** Content that is copied from another image. */
export const imageCopy = z
  .strictObject({
    image: checked(parseReference).meta({
      description: "Image by tag or digest; of an index, the part for each platform.",
      examples: ["ghcr.io/acme/hello:v1.2.3"],
    }),
    from: z
      .string()
      .regex(/^\/[^\s"'\\$]*$/, "an absolute path without spaces, quotes and variables is expected")
      .meta({ description: "File or folder in that image.", examples: ["/usr/local/bin/hello"] }),
    to: z
      .string()
      .regex(/^\/[^\s"'\\$]*$/, "an absolute path without spaces, quotes and variables is expected")
      .optional()
      .describe("Destination path. Default: the same path."),
  })
  .meta({ id: "ImageCopy", description: "Content that is copied from another image." });

renamedFields(imageCopy, { path: "from", target: "to" });

/** `slipway:build:Context`: what a build of a Dockerfile reads, file by file. */
export const buildContextDefinition = defineResource({
  token: "slipway:build:Context",
  description:
    "Everything that a build of a Dockerfile reads: the files of its context after " +
    "`.dockerignore`, the Dockerfile, and the images it starts from with their digests. A " +
    "preview names what changed. The builder reads a copy below `.slipway/cache`, named by " +
    "its digest, so that equal contents are equal builds on every machine.",
  inputs: z.strictObject({
    image: z.string().min(1).describe("Name of the image, for messages."),
    repository: repository
      .optional()
      .describe(
        "Repository that the image is pushed to. If it is in the registry of this machine, that is started.",
      ),
    dockerfile: path.meta({
      description: "Path of the Dockerfile, relative to the project's folder.",
      examples: ["docker/Dockerfile"],
    }),
    context: path.optional().meta({
      description: "Folder of the context, relative to the project's. Default: the project's folder.",
      examples: ["docker/apps"],
    }),
    stage: z.string().min(1).optional().describe("Stage to build. Default: the last."),
    platforms: z.array(platform).min(1).describe("Platforms to build for."),
    buildArgs: z.record(z.string(), z.string()).optional().describe("Build arguments."),
    secrets: z.array(z.string()).optional().describe("Names of the secrets that are set."),
    folders: z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), path)
      .optional()
      .describe("Further contexts that are folders, by name."),
    builtFiles: z
      .record(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
        z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), path),
      )
      .optional()
      .describe(
        "Further contexts made of files from commands, by name: for each folder of the " +
          "context, the path of its file.",
      ),
    otherContexts: z.array(z.string()).optional().describe("Names of further contexts that are not folders."),
    builders: z
      .record(z.string(), z.string())
      .optional()
      .describe("Name of the buildx builder of each platform, for messages when one does not answer."),
    builtElsewhere: z
      .boolean()
      .optional()
      .describe("Whether other runs build from it, so that this one needs no builder. Default: false."),
    ownImages: z
      .array(z.string())
      .optional()
      .describe("Names of images of the same distribution that the Dockerfile starts from or copies from."),
    copies: z
      .array(imageCopy)
      .optional()
      .describe("What is copied from other images, after the Dockerfile's last instruction."),
    whole: z
      .boolean()
      .optional()
      .describe(
        "Whether the build gets the whole context, not only what COPY, ADD and mounts name. " +
          "Needed where a base image has ONBUILD instructions. Default: false.",
      ),
    lock: lockUse.optional().describe("Lock that the digests of the images are taken from."),
    location: z.string().optional().describe("Computed: folder of the copy, relative to the project's."),
    files: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        "Computed: digest of each file by its path, those of another context after its name and `:`.",
      ),
    rebuilds: z
      .record(z.string(), z.number())
      .optional()
      .describe(
        "Computed: how often each platform's image was missing from the registry and is built again.",
      ),
    bases: z
      .array(base)
      .optional()
      .describe("Computed: images that the Dockerfile starts from or copies from."),
    user: z
      .string()
      .optional()
      .describe(
        "Computed: the user that the last USER of the stage to build sets; empty if there is " +
          "none. Absent where the stage starts from an image of the same distribution, or a " +
          "variable has no value.",
      ),
    pending: pendingDigests,
  }),
  computed: ["location", "files", "rebuilds", "bases", "user", "pending"],
  outputs: z.strictObject({
    digest: digest.describe("Digest of everything that the build reads."),
    stagedContext: z.string().describe("Folder of the copied context, relative to the project's."),
    stagedDockerfile: z.string().describe("Path of the copied Dockerfile, relative to the project's folder."),
    stagedFolders: z
      .record(z.string(), z.string())
      .describe("Folders of the other copied contexts, by name."),
    bases: z.array(base).describe("Images that the Dockerfile starts from or copies from."),
    rebuilds: z
      .record(z.string(), z.number())
      .describe("How often each platform's image was missing from the registry."),
    fileCount: z.number().describe("Number of files in the contexts."),
    failureLines: z
      .array(failureLine)
      .describe("The builder's error texts, to name the line of the Dockerfile that failed."),
  }),
  replaceOn: [],
});

renamedFields(buildContextDefinition.inputs, { target: "stage" });

export type ImageCopy = z.infer<typeof imageCopy>;
export type BaseImageReference = z.infer<typeof base>;
