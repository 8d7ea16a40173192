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
    content: z
      .string()
      .optional()
      .describe("The signature itself, from which another machine can place that file."),
  })
  .meta({ id: "FileBundle", description: "A file and the Sigstore bundle that signs it." });

const releasePlace = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Folder that `releases` is in, relative to the project's.",
        examples: [".slipway/releases/acme/hello"],
      }),
    repository: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Repository on GitHub, as `owner/name`.", examples: ["acme/hello"] }),
    tag: z
      .string()
      .min(1)
      .meta({ description: "Tag of the release.", examples: ["v1.0.0"] }),
  })
  .refine(
    ({ directory, repository }) => (directory === undefined) !== (repository === undefined),
    "exactly one of directory and repository is expected",
  )
  .meta({ id: "ReleasePlace", description: "A release that may have the signatures already." });

/** `slipway:trust:FileSignature`: release files signed, each with a bundle beside it. */
export const fileSignatureDefinition = defineResource({
  token: "slipway:trust:FileSignature",
  description:
    "Signatures of files as Sigstore bundles, `FILE.sigstore.json`, which `cosign " +
    "verify-blob --bundle` verifies. A valid signature is taken, not made anew: that of the last " +
    "run, one that is published, or one beside the file. Where a bundle is not on this machine, " +
    "it is placed when something needs it: a missing one is no difference.",
  inputs: z.strictObject({
    files: z.array(signedFile).min(1, "at least one file is expected").describe("What is signed."),
    signer: signer.describe("Signer: a key in a file, a key in a service, or an identity."),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe("Folder for the bundles, relative to the project's. Default: beside each file."),
    published: z
      .array(releasePlace)
      .optional()
      .describe("Releases of the files: a signature that is published there, and holds, is taken."),
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
