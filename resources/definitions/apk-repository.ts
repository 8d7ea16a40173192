import * as z from "zod";
import { apkFormerKey, apkSigner } from "./apk-package";
import { channelOutcome, gated } from "./channel-outcome";
import { defineResource, prose } from "./definition";
import { digest } from "./shapes";

/** Most bytes of what an index says of itself (apk-tools, src/extract_v2.c). */
const longestLabel = 160;

/** What is declared of a repository, whoever declares it. */
export const apkRepositoryFields = {
  directory: z
    .string()
    .min(1)
    .meta({
      description: "Folder that is served, relative to the project's folder.",
      examples: ["dist/alpine"],
    }),
  label: prose()
    .regex(/^[^\n]+$/, "one line is expected")
    .refine(
      (text) => Buffer.byteLength(text, "utf8") <= longestLabel,
      `at most ${longestLabel} bytes are expected`,
    )
    .meta({ description: "What it is, in its indexes.", examples: ["Acme tools"] }),
  ...apkSigner,
  formerKey: apkFormerKey
    .optional()
    .describe(
      "The key that clients have from before: until its day both sign the indexes and both public keys are there, so that nobody " +
        "has to change at once. Default: none.",
    ),
  takeOver: z
    .boolean()
    .optional()
    .describe(
      "Whether an index in the folder that another key has signed is gone on with. Default: false, it is refused.",
    ),
};

const addedPackage = z
  .strictObject({
    path: z.string().min(1).describe("Path of the file, relative to the project's folder."),
    digest,
    index: z.string().describe("What an index has of the package."),
  })
  .meta({ id: "AddedApk", description: "A package as a repository takes it, from an `ApkPackage`." });

const architectureRecord = z
  .strictObject({
    packages: z.number().describe("How many packages its index has."),
    content: z.string().describe("Digest of what these are."),
    index: z.string().describe("Digest of the index."),
  })
  .meta({ id: "ApkArchitectureRecord", description: "The index of an architecture as it was left." });

/** `slipway:apk:Repository`: packages in a signed repository of Alpine. */
export const apkRepositoryDefinition = defineResource({
  token: "slipway:apk:Repository",
  description:
    "Packages of Alpine in a signed repository: a folder for any static host, with an index for each architecture. " +
    "Packages come first, and the index that names them last, so that a client that asks meanwhile gets the old " +
    "repository or the new one. Versions that are there stay, and never get other bytes; adding one reads none of " +
    "them. An index that was changed or deleted by hand is put back. What leaves the program stays in the repository.",
  inputs: z.strictObject({
    ...apkRepositoryFields,
    packages: z.array(addedPackage).describe("Packages that are added."),
    held: z
      .string()
      .optional()
      .describe(
        "Why the release is not for the repository, where it is not: nothing is added. Default: it is.",
      ),
    gated,
    fingerprint: z.string().optional().describe("Computed: SHA-256 of the public key."),
    formerFingerprint: z
      .string()
      .optional()
      .describe("Computed: SHA-256 of the former public key, where that key still signs."),
    pool: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: digests of the packages, by path in the repository."),
    declaration: z.string().optional().describe("Computed: digest of what else decides its files."),
  }),
  computed: ["fingerprint", "formerFingerprint", "pool", "declaration"],
  outputs: z.strictObject({
    ...channelOutcome,
    publicKey: z
      .string()
      .describe("The public key, as PEM; the former one after it, where that still signs."),
    served: z
      .record(z.string(), architectureRecord)
      .describe("Its indexes as they were left, by architecture."),
    files: z.record(z.string(), z.string()).describe("Digests of packages and key, by path."),
    drifted: z
      .record(z.string(), z.string())
      .describe("Files that are not as they were left, with what they are."),
  }),
  retained: true,
  replaceOn: ["directory"],
});
