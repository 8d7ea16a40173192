import * as z from "zod";
import { consumerNames } from "../../lib/sigstore/consumers";
import { defineResource } from "./definition";
import { evidence, subject } from "./evidence";
import { digest, repository } from "./shapes";
import { verifier } from "./signer";

const verifiedStatement = z
  .strictObject({
    subject: digest,
    predicateType: z.string().describe("Type of the statement."),
    referrer: digest.describe("Digest of the referrer that carries it."),
    by: z.string().describe("Who signed: a key, or an identity and its issuer."),
  })
  .meta({ id: "VerifiedStatement", description: "A signed statement about a digest that was verified." });

const readableSignature = z
  .strictObject({
    subject: digest,
    consumer: z.string().describe("Who reads it."),
    form: z.enum(["bundle", "legacy"]).describe("As a bundle, or in the older scheme."),
    checkedBy: z
      .string()
      .describe("What has verified it: a program with its version, or Slipway's own check."),
  })
  .meta({ id: "ReadableSignature", description: "A signature that a consumer reads, and that holds." });

/** `slipway:trust:Verification`: a gate that only what a trusted party has signed passes. */
export const verificationDefinition = defineResource({
  token: "slipway:trust:Verification",
  description:
    "Fails unless each subject has a valid signature by a trusted signer. Key or identity, " +
    "digest and type of the statement must all match: an attestation by the same key is not a " +
    "signature, although `cosign verify` accepts it as one. Promotion depends on it.",
  inputs: z.strictObject({
    repository,
    subjects: z
      .array(subject)
      .min(1, "at least one digest is expected")
      .describe("Digests that must be signed."),
    verifier: verifier.describe(
      "Trusted signer: a public key, or an identity with its issuer and a trusted root.",
    ),
    predicateTypes: z
      .array(z.string().min(1))
      .min(1, "at least one type is expected")
      .optional()
      .meta({
        description:
          "Types of statements that each subject must have. Default: a signature, " +
          "https://sigstore.dev/cosign/sign/v1, for which one of the older scheme counts too.",
        examples: [["https://sigstore.dev/cosign/sign/v1", "https://slsa.dev/provenance/v1"]],
      }),
    consumers: z
      .array(z.enum(consumerNames))
      .min(1, "at least one consumer is expected")
      .optional()
      .meta({
        description:
          "Programs that have to be able to verify the signature of each subject, in a form that they read. " +
          "Default: none; a signature in any form will do.",
        examples: [["cosign", "podman"]],
      }),
    trusted: z.string().optional().describe("Computed: the trusted signer."),
  }),
  computed: ["trusted"],
  outputs: z.strictObject({
    verified: z.array(verifiedStatement).describe("The valid statements."),
    readable: z
      .array(readableSignature)
      .optional()
      .describe("Signatures that the declared consumers read, one for each subject and consumer."),
    missing: z.array(z.string()).describe("Statements that are no longer valid, each with the reason."),
    publicKey: z.string().optional().describe("Public key (PEM), where a key is trusted."),
    evidence: evidence.describe("The same for policies."),
  }),
  replaceOn: ["repository"],
});
