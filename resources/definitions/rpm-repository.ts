import * as z from "zod";
import { checkBaseUrl } from "../../lib/text/url-below";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource, prose } from "./definition";
import { formerKey } from "./former-key";
import { packageLists, rpmKey } from "./rpm-package";
import { digest } from "./shapes";

/** Name of a repository's files, and its id for dnf. */
export const rpmRepositoryName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits and ._- are expected")
  .meta({ description: "Name of the key's and `.repo` files, and its id for dnf.", examples: ["hello"] });

/** What is declared of a repository, whoever declares it. */
export const rpmRepositoryFields = {
  directory: z
    .string()
    .min(1)
    .meta({
      description: "Folder that is served, relative to the project's folder.",
      examples: ["dist/rpm"],
    }),
  label: prose()
    .regex(/^[^\n]+$/, "one line is expected")
    .meta({ description: "What it is, as clients show it.", examples: ["Acme tools"] }),
  url: checked(checkBaseUrl)
    .optional()
    .meta({
      description:
        "Address that the folder is served under, for the `.repo` file that users download. Default: there is none.",
      examples: ["https://rpm.acme.example"],
    }),
  ...rpmKey,
  formerKey: formerKey
    .optional()
    .describe(
      "The key that clients have from before: until its day both sign what names the lists, and while it is declared clients get " +
        "both, so that packages which it has signed can be installed. Default: none.",
    ),
  keepDays: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({
      description:
        "For how many days a list that is replaced is kept, for clients that have just asked what it is. Default: 7.",
      examples: [7],
    }),
  takeOver: z
    .boolean()
    .optional()
    .describe(
      "Whether a repository in the folder that another key has signed is gone on with. Default: false, it is refused.",
    ),
};

const addedPackage = z
  .strictObject({
    path: z.string().min(1).describe("Path of the file, relative to the project's folder."),
    digest,
    lists: packageLists.describe("What the lists of a repository have of the package."),
  })
  .meta({ id: "AddedRpm", description: "A package as a repository takes it, from an `RpmPackage`." });

const repositoryRecord = z
  .strictObject({
    seconds: z.number().describe("When its lists were made, in seconds since 1970; 0 for none."),
    packages: z.number().describe("How many packages they have."),
    content: z.string().describe("Digest of what these are."),
    lists: z.record(z.string(), z.string()).describe("Digests of its lists, by path."),
  })
  .meta({ id: "RpmRepositoryRecord", description: "The lists of a repository as they were left." });

/** `slipway:rpm:Repository`: packages in a signed RPM repository. */
export const rpmRepositoryDefinition = defineResource({
  token: "slipway:rpm:Repository",
  description:
    "RPM packages in a signed repository: a folder for any static host. Packages come first, lists with their digest in " +
    "their name after them, and what names these last, so that a client that asks meanwhile gets the old repository or " +
    "the new one. Versions that are there stay, and never get other bytes; adding one reads none of them. A list that " +
    "was changed or deleted by hand is put back. What leaves the program stays in the repository.",
  inputs: z.strictObject({
    ...rpmRepositoryFields,
    name: rpmRepositoryName,
    packages: z.array(addedPackage).describe("Packages that are added."),
    held: z
      .string()
      .optional()
      .describe(
        "Why the release is not for the repository, where it is not: nothing is added. Default: it is.",
      ),
    gated,
    fingerprint: z.string().optional().describe("Computed: fingerprint of the key."),
    formerFingerprint: z
      .string()
      .optional()
      .describe("Computed: fingerprint of the former key, where it still signs."),
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
      .describe("The public key, armored; the former one after it, where that is declared."),
    served: repositoryRecord.describe("Its lists as they were left."),
    files: z.record(z.string(), z.string()).describe("Digests of packages, key and `.repo` file, by path."),
    superseded: z
      .record(z.string(), z.string())
      .describe("Lists that are kept for a while after they were replaced, with when that was."),
    drifted: z
      .record(z.string(), z.string())
      .describe("Files that are not as they were left, with what they are."),
  }),
  retained: true,
  replaceOn: ["directory"],
});
