import * as z from "zod";
import { attachedOutputs } from "./attestation";
import { defineResource } from "./definition";
import { subject } from "./evidence";
import { digest, repository } from "./shapes";
import { signer } from "./signer";
import { renamedInside, renamesOf, renamesOfItems } from "./renamed-fields";

const dependency = z
  .strictObject({
    uri: z
      .string()
      .min(1)
      .meta({ examples: ["pkg:docker/alpine@3.20"] }),
    digest: digest.optional(),
    platform: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Platform whose image it went into. Default: all of them.",
        examples: ["linux/amd64"],
      }),
  })
  .meta({ id: "BuildDependency", description: "External content that a build used." });

const source = z
  .strictObject({
    repository: z.string().optional().describe("Address of the repository, without credentials."),
    revision: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/, "a full commit hash is expected")
      .optional()
      .describe("Full commit hash."),
    modified: z.boolean().optional().describe("Whether files differed from that commit."),
    ref: z
      .string()
      .startsWith("refs/", "a full name of a reference is expected")
      .optional()
      .meta({
        description: "Reference that was built. Default: the tag of `version` at the commit.",
        examples: ["refs/tags/v1.2.3"],
      }),
    version: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Version whose tag is looked for at the commit.", examples: ["v1.2.3"] }),
  })
  .meta({ id: "SourceTree", description: "The source tree of a build." });

const parameters = z.record(z.string(), z.any());

const budget = renamesOf({ maximum: "maximumBytes" });

// A distribution gives the declaration of the image and its binaries, by the names of its fields.
renamedInside(
  parameters,
  renamesOf(
    {},
    {
      image: renamesOf(
        { aliases: "alsoRepositories", target: "stage" },
        {
          files: renamesOfItems(renamesOf({ target: "to" })),
          copies: renamesOfItems(renamesOf({ path: "from", target: "to" })),
          budget,
        },
      ),
      binaries: renamesOfItems(
        renamesOf(
          { environment: "env", targets: "platforms" },
          { overrides: renamesOfItems(renamesOf({ environment: "env" })), budget },
        ),
      ),
    },
  ),
);

/**
 * `slipway:trust:Provenance`: what a build was told, what it was made from, and who ran it (SLSA
 * provenance v1).
 */
export const provenanceDefinition = defineResource({
  token: "slipway:trust:Provenance",
  description:
    "The SLSA v1 provenance of an image, as an in-toto statement about its index and each " +
    "platform's manifest. It is made when a digest is first published, and does not change " +
    "when a later revision builds the same digest. Secret values of the program are left out.",
  inputs: z.strictObject({
    repository,
    subjects: z
      .array(subject)
      .min(1, "at least one subject is expected")
      .describe("The index, and the manifest of each platform."),
    buildType: z.url().meta({
      description: "URI that defines how to read the parameters.",
      examples: ["https://example.com/build/v1"],
    }),
    parameters: parameters.optional().describe("What was declared."),
    dependencies: z.array(dependency).optional().describe("External content that the build used, by digest."),
    source: source
      .optional()
      .describe(
        "The source tree. What is not given is what git reports for the project's folder. A change of it alone " +
          "makes no other provenance: a digest keeps the one with which it was published.",
      ),
    builder: z
      .url()
      .optional()
      .describe(
        "Identifier of whoever ran the build. Default: the CI service's workflow, else " +
          "`urn:slipway:builder:local`.",
      ),
    signer: signer.optional().describe("Signer of the statements. Default: none; they are unsigned."),
  }),
  outputs: z.strictObject({
    ...attachedOutputs,
    predicate: z
      .any()
      .describe(
        "The predicate as published. That of one platform's manifest is without the dependencies of other platforms.",
      ),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["parameters", "dependencies", "source"],
});
