import * as z from "zod";
import { digest, platform } from "./shapes";

/** Shapes by which what is known about a digest reaches the resources that publish it, and the policies. */

/** A manifest or index that a trust resource is about. Without a platform it is the index. */
export const subject = z.strictObject({ digest, platform: platform.optional() }).meta({
  id: "Subject",
  description: "An index (no platform), or the manifest of one platform, by digest.",
});

/** One fact about a digest: what was looked at, with which result, and who says so. */
export const evidenceItem = z
  .strictObject({
    kind: z.enum(["signature", "sbom", "provenance", "attestation", "scan", "check"]).meta({
      description:
        "What the fact is: a verified signature, an attached SBOM, a provenance or other attestation, a scan, or a declared check.",
      examples: ["signature"],
    }),
    subject: digest,
    result: z.enum(["passed", "failed", "not executed"]).meta({
      description:
        "`failed` and `not executed` reach a publishing resource only where the gate is advisory; a mandatory gate stops before.",
      examples: ["passed"],
    }),
    by: z.string().meta({
      description: "Who says so: a key or an identity, a generator, or a scanner with its version.",
      examples: ["trivy 0.59.1"],
    }),
    detail: z.string().optional().describe("The result in words, e.g. what was found and what is excepted."),
    referrer: digest.optional().describe("Digest of the referrer that carries the fact in the registry."),
  })
  .meta({ id: "Evidence", description: "One fact about a digest that a gate or a policy looks at." });

/** What is known about the digests that a resource publishes. */
export const evidence = z.array(evidenceItem);

export type Subject = z.infer<typeof subject>;
export type Evidence = z.infer<typeof evidenceItem>;
