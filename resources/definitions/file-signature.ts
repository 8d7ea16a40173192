import * as z from "zod";
import { defineResource } from "./definition";
import { evidence } from "./evidence";
import { digest } from "./shapes";
import { signer } from "./signer";

const signedFile = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({ description: "File, relative to the project's folder.", examples: ["dist/hello-linux-amd64"] }),
    digest: digest.optional().describe("Digest that the file must have, where another resource makes it."),
  })
  .meta({ id: "FileToSign", description: "A file that is signed." });

const fileBundle = z
  .strictObject({
    path: z.string().describe("The file."),
    bundle: z.string().describe("The file with its signature."),
    bundleDigest: digest.describe("Digest of that file."),
    digest: digest.describe("Digest of the file."),
    by: z.string().describe("Who signed: a key, or an identity and its issuer."),
  })
  .meta({ id: "FileBundle", description: "A file and the Sigstore bundle that signs it." });

/** `slipway:trust:FileSignature`: release files signed, each with a bundle beside it. */
export const fileSignatureDefinition = defineResource({
  token: "slipway:trust:FileSignature",
  description:
    "Signatures of files as Sigstore bundles, `FILE.sigstore.json`, which `cosign " +
    "verify-blob --bundle` verifies. An existing bundle that is still valid is left alone, so " +
    "that its digest does not change from run to run.",
  inputs: z.strictObject({
    files: z.array(signedFile).min(1, "at least one file is expected").describe("What is signed."),
    signer: signer.describe("Signer: a key in a file, a key in a service, or an identity."),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe("Folder for the bundles, relative to the project's. Default: beside each file."),
    signedBy: z.string().optional().describe("Computed: the signer."),
  }),
  computed: ["signedBy"],
  outputs: z.strictObject({
    bundles: z.array(fileBundle).describe("The bundles, one for each file."),
    missing: z.array(z.string()).describe("Files without a valid signature, each with the reason."),
    publicKey: z.string().optional().describe("Public key (PEM), where a key signs."),
    evidence: evidence.describe("The same for gates and policies."),
  }),
  replaceOn: [],
});
