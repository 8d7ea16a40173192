import * as z from "zod";
import { projectPath } from "./artifact";
import { defineResource } from "./definition";
import { day, digest } from "./shapes";

/** How a resource uses a lock of images. */
export const lockUse = z
  .strictObject({
    file: projectPath.meta({ examples: ["slipway.lock.json"] }),
    refresh: z
      .boolean()
      .optional()
      .describe("Whether the current digests of the registries replace the locked ones. Default: false."),
  })
  .meta({ id: "LockUse", description: "A lock of images, and whether it is renewed." });

/** Newer digests that a lock holds back, by reference. */
export const pendingDigests = z
  .record(z.string(), digest)
  .optional()
  .describe(
    "Computed: current digests of the registries by reference, where they differ from the " +
      "lock: pending rebuilds.",
  );

/** `slipway:build:ImageLock`: the file that says which digest each image from elsewhere has. */
export const imageLockDefinition = defineResource({
  token: "slipway:build:ImageLock",
  description:
    "A file, to be committed, with the digest of each external image by reference, sorted. A " +
    "preview reads it and does not write it. A file that was deleted or changed by hand is " +
    "made again from what the images were built from. Removing the resource leaves the file.",
  inputs: z.strictObject({
    file: projectPath.meta({
      description: "Where the file is, relative to the project's folder.",
      examples: ["slipway.lock.json"],
    }),
    images: z.record(z.string(), digest).meta({
      description: "Digests by reference.",
      examples: [
        {
          "docker.io/library/python:3.12.1-slim":
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        },
      ],
    }),
    refresh: z
      .boolean()
      .optional()
      .describe("Whether the digests are those that the registries have now. Default: false."),
    refreshed: day
      .optional()
      .describe(
        "Computed: day on which all digests were those of the registries; absent where none was noted.",
      ),
    digest: z.string().optional().describe("Computed: digest of the file."),
  }),
  computed: ["refreshed", "digest"],
  outputs: z.strictObject({ digest: z.string().describe("Digest of the file.") }),
  replaceOn: ["file"],
});

export type LockUse = z.infer<typeof lockUse>;
