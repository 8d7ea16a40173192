import * as z from "zod";
import { defineResource } from "./definition";
import { evidence, subject } from "./evidence";
import { annotations, digest, repository } from "./shapes";
import { signer } from "./signer";

const madeSignature = z
  .strictObject({
    subject: digest,
    referrer: digest.describe(
      "Digest of the referrer that carries the bundle; where the registry cannot hold referrers, that of `legacyReferrer`.",
    ),
    legacyReferrer: digest.optional().describe("Digest that the tag `sha256-<hex>.sig` points to."),
    by: z.string().describe("Who signed: a key, or an identity and its issuer."),
  })
  .meta({ id: "ImageSignature", description: "A signature that was verified." });

/** `slipway:trust:Signature`: images and indexes signed by digest. */
export const signatureDefinition = defineResource({
  token: "slipway:trust:Signature",
  description:
    "Signatures of indexes and manifests by digest, as cosign makes and verifies them: " +
    "Sigstore bundles attached as OCI 1.1 referrers. Existing signatures, including cosign's, " +
    "are found and verified, and a signature is made only if none is valid. The next preview " +
    "notices one that was deleted or changed, and it is made again. Another key adds a " +
    "signature; existing ones stay.",
  inputs: z.strictObject({
    repository,
    subjects: z.array(subject).min(1, "at least one digest is expected").describe("What is signed."),
    signer: signer.describe("Signer: a key in a file, a key in a service, or an identity."),
    legacy: z
      .boolean()
      .optional()
      .describe(
        "Whether to sign in the older scheme too (the tag `sha256-<hex>.sig`), for clients " +
          "that do not know bundles. Default: false.",
      ),
    annotations: annotations.optional().describe("Annotations to sign; `cosign verify -a` requires them."),
    signedBy: z.string().optional().describe("Computed: the signer."),
  }),
  computed: ["signedBy"],
  outputs: z.strictObject({
    signatures: z.array(madeSignature).describe("The valid signatures, one for each subject."),
    missing: z.array(z.string()).describe("Subjects without a valid signature, each with the reason."),
    publicKey: z.string().optional().describe("Public key (PEM), where a key signs."),
    evidence: evidence.describe("The same for gates and policies."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
