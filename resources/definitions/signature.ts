import * as z from "zod";
import { defineResource } from "./definition";
import { evidence, subject } from "./evidence";
import { annotations, digest, repository } from "./shapes";
import { signer } from "./signer";

const madeSignature = z
  .strictObject({
    subject: digest,
    referrer: digest.describe("Digest of the referrer that carries the bundle."),
    legacyReferrer: digest.optional().describe("Digest of what the tag `sha256-<hex>.sig` points to."),
    by: z.string().describe("Who signed: a key, or an identity and its issuer."),
  })
  .meta({ id: "ImageSignature", description: "A signature that was verified." });

/** `slipway:trust:Signature`: images and indexes signed by digest. */
export const signatureDefinition = defineResource({
  token: "slipway:trust:Signature",
  description:
    "Signatures of indexes and manifests by digest, as cosign makes and verifies them: Sigstore bundles attached as OCI " +
    "1.1 referrers. What is signed already, by cosign too, is found and verified, and a signature is made only where " +
    "none holds. One that was deleted or changed is seen by the next preview, and made again. With another key a " +
    "signature is added; those that are there stay.",
  inputs: z.strictObject({
    repository,
    subjects: z.array(subject).min(1, "at least one digest is expected").describe("What is signed."),
    signer: signer.describe("Who signs: a key in a file, a key in a service, or an identity."),
    legacy: z
      .boolean()
      .optional()
      .describe(
        "Signs in the older scheme too (the tag `sha256-<hex>.sig`), for clients that do not know bundles. Default: false.",
      ),
    annotations: annotations.optional().describe("Signed along; `cosign verify -a` demands them."),
    signedBy: z.string().optional().describe("Computed: who signs."),
  }),
  computed: ["signedBy"],
  outputs: z.strictObject({
    signatures: z.array(madeSignature).describe("The signatures that hold, one for each subject."),
    missing: z.array(z.string()).describe("Subjects without a signature that holds, each with the reason."),
    publicKey: z.string().optional().describe("Public key (PEM), where a key signs."),
    evidence: evidence.describe("The same for gates and policies."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
