import * as z from "zod";
import { digest, platform } from "./shapes";

/**
 * Shapes by which what is known about a digest reaches the resources that publish it, and the
 * policies.
 */

/** A manifest or index that a trust resource is about. Without a platform it is the index. */
export const subject = z.strictObject({ digest, platform: platform.optional() }).meta({
  id: "Subject",
  description: "An index (no platform), or the manifest of one platform, by digest.",
});

/** Who signed, as the verified bundle shows it. */
const evidenceSigner = z
  .strictObject({
    key: digest.optional().describe("Fingerprint of the public key: SHA-256 of its SPKI DER."),
    identity: z
      .string()
      .optional()
      .meta({
        description: "Identity (subject alternative name) in the certificate.",
        examples: ["https://github.com/acme/hello/.github/workflows/release.yml@refs/tags/v1.2.3"],
      }),
    issuer: z
      .string()
      .optional()
      .meta({
        description: "OIDC issuer in the certificate.",
        examples: ["https://token.actions.githubusercontent.com"],
      }),
    root: digest
      .optional()
      .describe(
        "Digest of the trusted root by which the certificate holds: SHA-256 of the file " +
          "(`sha256sum trusted_root.json`).",
      ),
    generated: z
      .boolean()
      .optional()
      .describe(
        "Whether the key is a throw-away key, made on the spot, which says nothing about who signed.",
      ),
  })
  .meta({
    id: "EvidenceSigner",
    description:
      "Who signed, as the verified signature shows it: a key, or an identity, its issuer and " +
      "the trusted root.",
  });

/** The scanner, as the provider saw it. */
const evidenceScanner = z
  .strictObject({
    name: z.string().meta({ description: "Kind of scanner.", examples: ["trivy"] }),
    version: z
      .string()
      .optional()
      .meta({ description: "Version that the program reports.", examples: ["0.59.1"] }),
    digest: digest.optional().describe("Digest of the executable that was run."),
    databaseTime: z
      .string()
      .optional()
      .describe("When the database was made; absent for secrets, which need none."),
    kinds: z
      .array(z.string())
      .optional()
      .meta({ description: "What was looked for.", examples: [["vulnerability", "secret"]] }),
    arguments: z
      .array(z.string())
      .optional()
      .describe(
        "Further arguments that the declaration gave the program, in their order: they can hide findings.",
      ),
    databaseDirectory: z.string().optional().describe("Folder of the database, where one was declared."),
    failOn: z.string().optional().describe("Lowest severity that failed the gate."),
    fixableOnly: z.boolean().optional().describe("Whether vulnerabilities without a fix were ignored."),
    excepted: z
      .array(z.string())
      .optional()
      .describe("Identifiers of the findings that are declared as accepted."),
  })
  .meta({ id: "EvidenceScanner", description: "The program that scanned, and what it looked for." });

/** One fact about a digest: what was looked at, with which result, and who says so. */
export const evidenceItem = z
  .strictObject({
    kind: z.enum(["signature", "sbom", "provenance", "attestation", "scan", "check"]).meta({
      description:
        "Kind of fact: a verified signature, an attached SBOM, a provenance or other " +
        "attestation, a scan, or a declared check.",
      examples: ["signature"],
    }),
    subject: digest,
    result: z.enum(["passed", "failed", "not executed"]).meta({
      description:
        "`failed` and `not executed` reach a publishing resource only where the gate is " +
        "advisory; a mandatory gate stops before.",
      examples: ["passed"],
    }),
    by: z.string().meta({
      description: "Source of the fact: a key or an identity, a generator, or a scanner with its version.",
      examples: ["trivy 0.59.1"],
    }),
    signer: evidenceSigner.optional(),
    scanner: evidenceScanner.optional(),
    detail: z.string().optional().describe("The result in words, e.g. what was found and what is excepted."),
    referrer: digest.optional().describe("Digest of the referrer that carries the fact in the registry."),
    bundleDigest: digest
      .optional()
      .describe("Digest of the file that carries a file's signature, byte for byte: its Sigstore bundle."),
  })
  .meta({ id: "Evidence", description: "One fact about a digest that a gate or a policy looks at." });

/** Evidence about the digests that a resource publishes. */
export const evidence = z.array(evidenceItem);

/** Description of the input by which a publishing resource takes evidence. */
export function takenEvidence(about: string): string {
  return (
    `What is known about ${about}, for policies: items exactly as trust resources of this ` +
    "stack output them. Others are refused before anything is published."
  );
}

/** Input of every resource that takes evidence, which its provider alone writes. */
export const evidenceDigest = digest
  .optional()
  .describe(
    "Computed: digest of the evidence, once all of it is known to come from resources of this stack.",
  );

export type Subject = z.infer<typeof subject>;
export type Evidence = z.infer<typeof evidenceItem>;
