import * as z from "zod";
import { checkBaseUrl } from "../../lib/text/url-below";
import { channelOutcome, gated } from "./channel-outcome";
import { checked, defineResource, prose } from "./definition";
import { formerKey } from "./former-key";
import { digest } from "./shapes";

const word = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A suite's name, as it stands in a path and in a source. */
export const suiteName = z
  .string()
  .regex(word, "letters, digits and ._- are expected")
  .meta({ examples: ["stable"] });

/** A line of an index. */
const line = prose().regex(/^[^\n]+$/, "one line is expected");

/** What is declared of a repository, whoever declares it. */
export const repositoryFields = {
  directory: z
    .string()
    .min(1)
    .meta({
      description: "Folder that is served, relative to the project's folder.",
      examples: ["dist/apt"],
    }),
  component: suiteName.optional().meta({ description: "Component. Default: `main`.", examples: ["main"] }),
  origin: line.meta({
    description: "Who publishes it, as clients show it and rules of priority name it.",
    examples: ["Acme"],
  }),
  label: line
    .optional()
    .meta({ description: "What it is, for the same. Default: the origin.", examples: ["Acme tools"] }),
  description: line
    .optional()
    .meta({ description: "One line about it. Default: none.", examples: ["Tools by Acme"] }),
  url: checked(checkBaseUrl)
    .optional()
    .meta({
      description:
        "Address that the folder is served under, for the `.sources` files that users download. Default: there are none.",
      examples: ["https://apt.acme.example"],
    }),
  key: z
    .string()
    .describe(
      "Armored OpenPGP private key that signs the indexes, a secret: Ed25519, or RSA of 3072 bits or more.",
    ),
  passphrase: z.string().optional().describe("Passphrase of the key, a secret. Default: it has none."),
  formerKey: formerKey
    .optional()
    .describe(
      "The key that clients have from before: while it is declared, both sign the indexes and both are in the sources, so that " +
        "nobody has to change at once. Default: none.",
    ),
  validDays: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({
      description:
        "For how many days clients believe an index (`Valid-Until`); an update signs it anew when half of that is left. " +
        "Default: for good.",
      examples: [30],
    }),
  keepDays: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({
      description:
        "For how many days an index that is replaced is kept, for clients that have just asked what it is. Default: 7.",
      examples: [7],
    }),
  takeOver: z
    .boolean()
    .optional()
    .describe(
      "Whether a suite in the folder that another key has signed is gone on with. Default: false, it is refused.",
    ),
};

const addedPackage = z
  .strictObject({
    path: z.string().min(1).describe("Path of the file, relative to the project's folder."),
    digest,
    size: z.number().int().positive().describe("Size in bytes."),
    control: z.string().describe("The control file of the package."),
  })
  .meta({ id: "AddedPackage", description: "A package as a repository takes it, from an `AptPackage`." });

const suiteRecord = z
  .strictObject({
    date: z.string().describe("When its `Release` was made."),
    validUntil: z.string().optional().describe("When clients stop believing it."),
    packages: z.number().describe("How many packages it has."),
    content: z.string().describe("Digest of what these are."),
    files: z.record(z.string(), z.string()).describe("Digests of its indexes, by path."),
  })
  .meta({ id: "SuiteRecord", description: "A suite of a repository as it was left." });

/** `slipway:apt:Repository`: packages in a signed APT repository. */
export const aptRepositoryDefinition = defineResource({
  token: "slipway:apt:Repository",
  description:
    "Debian packages in a signed APT repository: a folder for any static host. Packages come first, indexes under their " +
    "digests after them, and what names these last, so that a client that asks meanwhile gets the old repository or " +
    "the new one. Versions that are there stay, and never get other bytes; adding one reads none of them. An index that " +
    "was changed or deleted by hand is put back. What leaves the program stays in the repository.",
  inputs: z.strictObject({
    ...repositoryFields,
    name: z
      .string()
      .regex(word, "letters, digits and ._- are expected")
      .meta({ description: "Name of the key's and sources' files.", examples: ["hello"] }),
    suites: z
      .array(suiteName)
      .min(1, "at least one suite is expected")
      .meta({ description: "Suites that the packages are added to.", examples: [["stable", "testing"]] }),
    packages: z.array(addedPackage).describe("Packages that are added."),
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
    declaration: z.string().optional().describe("Computed: digest of what else decides the indexes."),
  }),
  computed: ["fingerprint", "formerFingerprint", "pool", "declaration"],
  outputs: z.strictObject({
    ...channelOutcome,
    publicKey: z
      .string()
      .describe("The public key, armored; the former one after it, where that still signs."),
    served: z.record(z.string(), suiteRecord).describe("Suites of the repository as they were left."),
    files: z.record(z.string(), z.string()).describe("Digests of packages, key and sources, by path."),
    superseded: z
      .record(z.string(), z.string())
      .describe("Indexes that are kept under their digests for a while, with when they were replaced."),
    drifted: z
      .record(z.string(), z.string())
      .describe("Files that are not as they were left, with what they are."),
  }),
  retained: true,
  replaceOn: ["directory"],
});
