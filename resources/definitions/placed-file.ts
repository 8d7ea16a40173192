import * as z from "zod";
import { projectPath } from "./artifact";
import { defineResource } from "./definition";
import { digest } from "./shapes";

const mode = z.string().regex(/^0?[0-7]{3}$/, "permission bits as octal digits are expected");

/** `slipway:build:PlacedFile`: what a command made, where people look for it. */
export const placedFileDefinition = defineResource({
  token: "slipway:build:PlacedFile",
  description:
    "A built file at a path of the project, e.g. `dist/linux_amd64/hello`. A file that was " +
    "changed by hand is placed again. One that is not on this machine is placed when it " +
    "changes, or when something needs it: a missing file is no difference. Removing the " +
    "resource leaves the file.",
  inputs: z.strictObject({
    path: projectPath.meta({
      description: "Where the file is placed, relative to the project's folder.",
      examples: ["dist/linux_amd64/hello"],
    }),
    source: z
      .string()
      .min(1)
      .describe(
        "Path of the content, relative to the project's folder, as a `slipway:build:Command` outputs it.",
      ),
    digest: digest.describe("Digest of the content."),
    mode: mode.optional().meta({
      description: "Permission bits as octal digits. Default: `0755`.",
      examples: ["0644"],
    }),
  }),
  outputs: z.strictObject({
    digest: digest.describe("Digest of what is at the path."),
    mode: mode.describe("Permission bits of what is at the path."),
  }),
  retained: true,
  replaceOn: ["path"],
});
