import * as z from "zod";
import { checkPath } from "../../lib/archive/entries";
import { checked } from "./definition";
import { digest } from "./shapes";

/**
 * Shapes of files that are released: what makes them outputs them, and what publishes them takes
 * them.
 */

/** A path inside the project's folder. */
export const projectPath = checked((path) => checkPath(path, "path")).meta({
  description: "Path of a file, relative to the project's folder and inside it.",
  examples: ["dist/hello_1.0.0_linux_amd64.tar.gz"],
});

/** Name of a file as users download it. */
export const artifactName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._+@~-]*$/, "a file name of letters, digits and ._+@~- is expected")
  .meta({ examples: ["hello_1.0.0_linux_amd64.tar.gz"] });

/** A file that is released. */
export const artifact = z
  .strictObject({
    name: artifactName.describe("Name of the file as users download it."),
    path: z.string().min(1).describe("Path of the file, relative to the project's folder."),
    digest,
    platform: z
      .string()
      .optional()
      .meta({
        description: "Platform that the file is for, so that programs find theirs. Default: none.",
        examples: ["linux/amd64"],
      }),
  })
  .meta({ id: "Artifact", description: "A file that is released: its name, where it is, and its digest." });

/** Whether notes list a file. */
export const inNotes = z
  .boolean()
  .optional()
  .describe("Whether lists of files in the notes have it. Default: unless it is replaceable.");

/** A file as a release takes it. */
export const releasedFile = artifact
  .extend({
    replaceable: z
      .boolean()
      .optional()
      .describe(
        "Whether it may be added, get other content, or be taken away after publication. " +
          "Default: false.",
      ),
    inNotes,
  })
  .meta({ id: "ReleasedFile", description: "A file of a release: its name, where it is, and its digest." });

export type Artifact = z.infer<typeof artifact>;
export type ReleasedFile = z.infer<typeof releasedFile>;
