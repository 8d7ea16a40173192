import * as z from "zod";
import { artifact, projectPath } from "./artifact";
import { defineResource } from "./definition";
import { renamedFields } from "./renamed-fields";

/** `slipway:build:Checksums`: a sums file over artifacts. */
export const checksumsDefinition = defineResource({
  token: "slipway:build:Checksums",
  description:
    "A file with the SHA-256 sums of artifacts, sorted by name, in the format that `sha256sum " +
    "-c` reads. Its digest is known at preview. It is placed when it changes, and where it is " +
    "not on this machine, when something needs it: a missing file is no difference. It is " +
    "removed where it leaves the program, unless somebody changed it.",
  inputs: z.strictObject({
    path: projectPath.meta({
      description: "Where the file is placed, relative to the project's folder.",
      examples: ["dist/SHA256SUMS"],
    }),
    artifacts: z
      .array(artifact)
      .min(1, "at least one artifact is expected")
      .describe("Artifacts to sum. Order does not matter; names must be unique."),
    made: z
      .array(projectPath)
      .optional()
      .describe(
        "Paths of those artifacts that this program makes and no resource removes, as SBOMs. One that is not listed " +
          "any more is removed, unless somebody changed it. Default: none.",
      ),
    digest: z.string().optional().describe("Computed: digest of the file."),
  }),
  computed: ["digest"],
  outputs: z.strictObject({
    digest: z.string().describe("Digest of the file."),
    size: z.number().describe("Size in bytes."),
    artifact: artifact.describe("The sums file itself, as a release takes it."),
  }),
  replaceOn: [],
});

renamedFields(checksumsDefinition.inputs, { artefacts: "artifacts" });
renamedFields(checksumsDefinition.outputs, { artefact: "artifact" });
