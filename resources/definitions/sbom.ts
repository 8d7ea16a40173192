import * as z from "zod";
import { parseReference } from "../../lib/oci/reference";
import { checked, defineResource } from "./definition";
import { evidence, subject } from "./evidence";
import { digest, platform, repository } from "./shapes";

const format = z.enum(["spdx", "cyclonedx"]);

const externalImage = checked((value) => {
  if (!parseReference(value).digest) {
    throw new Error(
      `${JSON.stringify(value)} has no digest, so it could be any image ` +
        `(a valid example: "docker.io/library/redis:7-alpine@sha256:<hex>")`,
    );
  }
});

const ownPrograms = z
  .strictObject({
    version: z.string().min(1).optional().describe("Version of the distribution, as it is declared."),
    licenses: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Their license, as an SPDX expression.", examples: ["Apache-2.0"] }),
    source: z
      .string()
      .optional()
      .meta({
        description: "Address of the sources: Go programs whose module is below it are own ones.",
        examples: ["https://github.com/acme/hello"],
      }),
    files: z
      .array(
        z.strictObject({
          path: z.string().min(1).describe("Path in the image."),
          name: z.string().min(1).describe("Name of the program."),
        }),
      )
      .optional()
      .describe("Programs by their path in the image."),
  })
  .meta({
    id: "OwnPrograms",
    description:
      "What is declared of the programs in an image that are the distribution's own: the built-in generator lists " +
      "them with this version and license, which the files do not tell. A digest that is published without it keeps " +
      "its documents.",
  });

const attachedDocument = z
  .strictObject({
    subject: digest,
    platform: platform.optional(),
    format,
    mediaType: z.string().describe("Media type of the document, and type of the referrer."),
    digest: digest.describe("Digest of the document: a blob of the repository."),
    size: z.number().int().nonnegative().describe("Size of the document in bytes."),
    referrer: digest.describe("Digest of the manifest that attaches it to the subject."),
    fileName: z.string().describe("Name of the file of the document."),
    generator: z.string().describe("Generator, with its version."),
    packages: z.number().int().nonnegative().describe("Number of packages that it names."),
    unreadLists: z
      .number()
      .int()
      .nonnegative()
      .describe(
        "Number of package lists in the image that the generator does not read; the document names them.",
      ),
  })
  .meta({ id: "SbomDocument", description: "An SBOM that is attached to an image or an index." });

/** `slipway:trust:Sbom`: documents that say what is in an image, attached to it. */
export const sbomDefinition = defineResource({
  token: "slipway:trust:Sbom",
  description:
    "SBOMs of the images of an index and of the index itself, attached to them as OCI 1.1 " +
    "referrers. The same image gives the same documents on every machine. For unchanged " +
    "subjects nothing is made again, and no layer is read. Removing the resource leaves the " +
    "documents in the registry.",
  inputs: z.strictObject({
    repository,
    subjects: z
      .array(subject)
      .min(1, "at least one subject is expected")
      .describe("Subjects of the documents: the image of each platform, and the index (without a platform)."),
    formats: z
      .array(format)
      .min(1, "at least one format is expected")
      .optional()
      .meta({
        description: "`spdx`: SPDX 2.3 in JSON; `cyclonedx`: CycloneDX 1.6 in JSON. Default: both.",
        examples: [["spdx"]],
      }),
    generator: z
      .enum(["builtin", "syft"])
      .optional()
      .meta({
        description:
          "`builtin` (default) lists every file with its hashes, the base image, the " +
          "packages of dpkg, apk, Python and npm, and the modules in Go programs; it reports " +
          "the package lists that it does not read. `syft` runs the installed Syft, which " +
          "knows more kinds of packages. The document of an index is always the built-in one.",
        examples: ["builtin"],
      }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, ".", "_" and "-" are expected')
      .optional()
      .meta({
        description:
          "Name of the image in the documents and of their files. Default: the end of the repository's path.",
        examples: ["hello"],
      }),
    externalImages: z
      .array(externalImage)
      .optional()
      .meta({
        description:
          "External images that run beside this one, by digest; listed in the document of the " +
          "index, or of each image where no index is among the subjects.",
        examples: [
          [
            "docker.io/library/redis:7-alpine@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
          ],
        ],
      }),
    programs: ownPrograms.optional(),
    directory: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Folder to which the documents are also written, relative to the project: " +
          "`NAME.spdx.json` and `NAME.cdx.json` of the index, " +
          "`NAME-OS-ARCHITECTURE.spdx.json` of an image.",
        examples: [".slipway/sbom"],
      }),
  }),
  outputs: z.strictObject({
    documents: z.array(attachedDocument).describe("The documents, in the order of subjects and formats."),
    files: z
      .array(z.string())
      .describe("Files of the documents, relative to the project; none without a directory."),
    missing: z.array(z.string()).describe("Names of documents that are no longer there. Empty if all are."),
    evidence: evidence.describe("One fact for each document that exists."),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["programs", "externalImages"],
});
