import * as z from "zod";
import { attachedOutputs } from "./attestation";
import { defineResource } from "./definition";
import { subject } from "./evidence";
import { digest, repository } from "./shapes";
import { signer } from "./signer";

const dependency = z
  .strictObject({
    uri: z
      .string()
      .min(1)
      .meta({ examples: ["pkg:docker/alpine@3.20"] }),
    digest: digest.optional(),
  })
  .meta({ id: "BuildDependency", description: "Content that a build took from elsewhere." });

const source = z
  .strictObject({
    repository: z.string().optional().describe("Address of the repository, without credentials."),
    revision: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/, "a full commit hash is expected")
      .optional()
      .describe("Full commit hash."),
    modified: z.boolean().optional().describe("Whether files differed from that commit."),
  })
  .meta({ id: "SourceTree", description: "The source tree of a build." });

/** `slipway:trust:Provenance`: what a build was told, what it was made from, and who ran it (SLSA provenance v1). */
export const provenanceDefinition = defineResource({
  token: "slipway:trust:Provenance",
  description:
    "The SLSA v1 provenance of an image, as an in-toto statement about its index and each platform's manifest. It is made " +
    "when a digest is published first, and stays what it was: a later revision that builds the same digest is no news. " +
    "Values that are secrets of the program are not in it.",
  inputs: z.strictObject({
    repository,
    subjects: z
      .array(subject)
      .min(1, "at least one subject is expected")
      .describe("The index, and the manifest of each platform."),
    buildType: z.url().meta({
      description: "How the parameters are to be read, a URI.",
      examples: ["https://example.com/build/v1"],
    }),
    parameters: z.record(z.string(), z.any()).optional().describe("What was declared."),
    dependencies: z.array(dependency).optional().describe("What the build took from elsewhere, by digest."),
    source: source.optional().describe("The source tree. Default: what git says of the project's folder."),
    builder: z
      .url()
      .optional()
      .describe(
        "Identifier of who ran the build. Default: the CI service's workflow, else `urn:slipway:builder:local`.",
      ),
    signer: signer.optional().describe("Who signs the statements. Default: nobody."),
  }),
  outputs: z.strictObject({
    ...attachedOutputs,
    predicate: z.any().describe("The predicate, as it was published."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
