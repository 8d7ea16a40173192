import * as z from "zod";
import { checkPath } from "../../lib/archive/entries";
import { isInTheClear } from "../../lib/oci/transport/in-the-clear";
import { checkFileName } from "../../lib/text/file-name";
import { checked, defineResource } from "./definition";
import { digest, target } from "./shapes";
import { checkGitTag } from "../../lib/github/names";
import { verifier } from "./signer";
import { renamedFields } from "./renamed-fields";

const fetchedFile = z
  .strictObject({
    path: z.string().describe("Path of the file, relative to the project's folder."),
    digest,
    size: z.number().describe("Size in bytes."),
  })
  .meta({ id: "FetchedFile", description: "A file that was extracted from a fetched archive." });

const assetSignature = z
  .strictObject({
    verifier: verifier.describe("Trusted signer: a public key, or an identity."),
    of: z
      .enum(["sums", "asset"])
      .optional()
      .describe(
        "What is signed: the sums file, which covers everything that it lists, or the file " +
          "itself. Default: `sums`; `asset` where the digest is declared.",
      ),
    bundle: checked(checkFileName)
      .optional()
      .meta({
        description:
          "Name of the Sigstore bundle in the release. Default: the signed file's, and `.sigstore.json`.",
        examples: ["SHA256SUMS.sigstore.json"],
      }),
  })
  .meta({ id: "AssetSignature", description: "A signature that a file of a release must have." });

/** `slipway:release:Asset`: a file of another project's release. */
export const releaseAssetDefinition = defineResource({
  token: "slipway:release:Asset",
  description:
    "A file of another project's release, fetched by version and name or pattern, and verified " +
    "against the release's sums or a declared digest before anything uses it. It is kept by " +
    "digest, so that a second run needs no network; an interrupted download resumes where it " +
    "stopped.",
  inputs: z
    .strictObject({
      from: z
        .string()
        .min(1)
        .refine((base) => !/^https?:\/\/[^/]*@/i.test(base), "a URL without user and password is expected")
        .meta({
          description:
            "Base of `releases/download/TAG/FILE`: a URL, or a folder relative to the " +
            "project's. Plain HTTP to another machine only with `digest` or `signature`.",
          examples: ["https://github.com/acme/hello"],
        }),
      tag: checked(checkGitTag).meta({ description: "Tag of the release.", examples: ["v1.2.3"] }),
      asset: checked(checkFileName).meta({
        description:
          "Name of the file; `*` matches any characters except folder separators. Exactly " +
          "one file must match.",
        examples: ["hello_*_linux_amd64.tar.gz"],
      }),
      checksums: checked(checkFileName)
        .optional()
        .describe("Name of the release's sums file. Default: `SHA256SUMS`."),
      digest: digest
        .optional()
        .describe("Digest that the file must have, instead of the one in the sums file."),
      signature: assetSignature
        .optional()
        .describe("Signature that is verified before anything is used. Default: none."),
      extract: z
        .array(checked((path) => checkPath(path, "path")))
        .min(1)
        .optional()
        .meta({
          description:
            "Files to extract from the archive, by their paths in it. A file that is no archive " +
            "is extracted under the one name that is given: as it is, or unpacked.",
          examples: [["bin/hello"]],
        }),
      platform: target.optional().meta({
        description:
          "Platform that an extracted program has to be for; scripts are for any. Default: they are " +
          "not looked at.",
        examples: ["linux/arm64"],
      }),
      trusted: z.string().optional().describe("Computed: the trusted signer."),
    })
    .superRefine(({ from, digest: declared, signature }, context) => {
      if (declared !== undefined || signature !== undefined || !isInTheClear(from)) return;
      context.addIssue({
        code: "custom",
        path: ["from"],
        message:
          "is plain HTTP to another machine, where anybody on the way can change file and sums " +
          "alike: give an https address, or say what the file has to be with `digest` or " +
          "`signature`",
      });
    }),
  computed: ["trusted"],
  outputs: z.strictObject({
    name: z.string().describe("Name of the file."),
    location: z.string().describe("Where it was fetched from."),
    path: z
      .string()
      .describe(
        "Path of the file, relative to the project's folder. It follows from the digest, not from `name`.",
      ),
    digest: z.string().describe("Digest of the file."),
    size: z.number().describe("Size in bytes."),
    verifiedBy: z.string().describe("What the digest was compared with: the sums file, or the declaration."),
    signedBy: z.string().optional().describe("Who signed, where a signature was verified."),
    files: z.record(z.string(), fetchedFile).describe("Files extracted from the archive."),
  }),
  replaceOn: [],
});

renamedFields(releaseAssetDefinition.inputs, { sums: "checksums" });
