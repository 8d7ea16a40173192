import * as z from "zod";
import { defineResource } from "./definition";
import { evidence } from "./evidence";
import { digest, repository } from "./shapes";
import { signer } from "./signer";
import { exactlyOne } from "./exactly-one";

/** A statement about a digest. */
export const statement = z
  .strictObject({
    subject: digest,
    predicateType: z.url().meta({
      description: "Type of the predicate, a URI.",
      examples: ["https://spdx.dev/Document"],
    }),
    predicate: z.record(z.string(), z.any()).optional().describe("The predicate itself."),
    file: z
      .string()
      .min(1)
      .optional()
      .describe("JSON file with the predicate, relative to the project's folder."),
    document: z
      .strictObject({ digest, size: z.number().int().nonnegative().describe("Size in bytes.") })
      .optional()
      .describe("Blob of the repository that is the predicate, e.g. an SBOM."),
  })
  .superRefine(exactlyOne(["predicate", "file", "document"], "says nothing", 'file: "review.json"'))
  .meta({
    id: "AttestationStatement",
    description: "A statement about a digest, and its type.",
  });

const attached = z
  .strictObject({
    subject: digest,
    predicateType: z.string(),
    predicateDigest: digest.describe("Digest of the predicate in canonical JSON."),
    referrer: digest.describe("Digest of the referrer that carries the statement."),
  })
  .meta({ id: "AttachedStatement", description: "A statement in the registry." });

/** Observed state that attestations and provenances share. */
export const attachedOutputs = {
  attestations: z.array(attached).describe("The statements in the registry."),
  missing: z.array(z.string()).describe("Statements missing from the registry, each with the reason."),
  evidence: evidence.describe("One fact for each statement."),
};

/** `slipway:trust:Attestation`: an in-toto statement about digests, of any predicate type. */
export const attestationDefinition = defineResource({
  token: "slipway:trust:Attestation",
  description:
    "In-toto statements about digests, attached as OCI 1.1 referrers. With a signer each is a " +
    "Sigstore bundle, which `cosign verify-attestation` accepts; without one it is a plain " +
    "statement. An existing statement with the same content is not made again.",
  inputs: z.strictObject({
    repository,
    statements: z.array(statement).describe("The statements, each with the digest that it is about."),
    signer: signer.optional().describe("Signer of the statements. Default: none; they are unsigned."),
    fileDigests: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: digests of the files with predicates."),
  }),
  computed: ["fileDigests"],
  outputs: z.strictObject(attachedOutputs),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["statements", "fileDigests"],
});
