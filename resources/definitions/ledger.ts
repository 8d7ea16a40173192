import * as z from "zod";
import { listedCatalog } from "../../lib/channels/observed/listed-catalog";
import { parseAddress } from "../../lib/oci/address";
import { declaredTag } from "./declared-tag";
import { checked, defineResource } from "./definition";
import { probe } from "./observed-catalog";
import { notice, versionRule } from "./retention";
import { digest } from "./shapes";
import { signer } from "./signer";

/** Digests by name: of tags, or of the files of a release. */
const digests = z.record(z.string(), digest);

const publishedRelease = z
  .strictObject({
    directory: z
      .string()
      .optional()
      .describe("Folder that the release is in, relative to the project's; its name below it included."),
    github: z.string().optional().describe("Repository of GitHub that it is in, as `owner/name`."),
    tag: z.string().describe("Tag of the release."),
    files: digests.describe("Digest of each file, by name."),
  })
  .meta({ id: "PublishedRelease", description: "A release in one place, and the digests of its files." });

/** What a published image is proven by, and a ledger watches. */
const publishedProof = z
  .strictObject({
    subject: digest,
    kind: z.enum(["signature", "provenance", "sbom", "attestation"]).describe("What it is."),
    referrer: digest.describe("Digest of the referrer that carries it."),
  })
  .meta({ id: "PublishedProof", description: "A proof of an image, attached to it as an OCI 1.1 referrer." });

const publishedList = z
  .strictObject({
    digest: digest.describe("Digest of its content."),
    bundle: z.string().optional().describe("Its signature, a Sigstore bundle; none where nobody signs."),
    publicKey: z.string().optional().describe("Public key (PEM) of that, where a key signs."),
  })
  .meta({ id: "PublishedList", description: "The list of what was published, as it was published last." });

const lastAlias = declaredTag
  .omit({ tag: true, moves: true })
  .extend({ digest })
  .meta({ id: "LastAlias", description: "The version that had an alias last, and its digest." });

/** `slipway:release:Ledger`: what a stack has published, which stays watched. */
export const ledgerDefinition = defineResource({
  token: "slipway:release:Ledger",
  description:
    "What a stack has published: each version with its tags, their proofs, and the files of its releases, by " +
    "digest. Every preview looks whether the earlier versions are still so, with one request a tag, and one for " +
    "the proofs of each image; what somebody moved or deleted is named, and put back by `up` from wherever the content still is. Versions, tags and files that " +
    "other resources declare now are those resources' business. What was published is listed for machines in " +
    "`releases.json`, at the root of a release folder and beside the files of a release on GitHub.",
  inputs: z.strictObject({
    version: z
      .string()
      .optional()
      .meta({
        description: "Version that is published. Default: none, e.g. a branch is; earlier ones stay watched.",
        examples: ["v1.2.3"],
      }),
    images: z
      .array(
        z
          .strictObject({
            repository: checked(parseAddress).meta({
              description: "Where it is: a repository as `host/path`, or a layout or archive.",
              examples: ["ghcr.io/acme/hello"],
            }),
            tags: z.array(declaredTag).describe("Its tags."),
            pointers: z.record(z.string(), z.string()).describe("Digest that each tag has."),
          })
          .meta({ id: "TaggedImage", description: "An image in one place, and its tags." }),
      )
      .describe("Images, in each place that has them."),
    proofs: z
      .array(publishedProof)
      .optional()
      .describe("Signatures, SBOMs and statements that are attached to the images. Default: none."),
    releases: z.array(publishedRelease).optional().describe("Releases. Default: none."),
    catalogs: z
      .array(
        listedCatalog.extend({ probe }).meta({
          id: "ListedCatalog",
          description: "A catalog that others fill, as the published list has it.",
        }),
      )
      .optional()
      .describe(
        "Catalogs that others fill, which the list has of each version as they are declared when that is published first. " +
          "Default: none.",
      ),
    watch: z
      .strictObject({
        versions: z
          .number()
          .int()
          .nonnegative()
          .optional()
          .describe("How many of the earlier versions, the latest first. Default: all."),
        except: z
          .array(z.string().min(1, "a pattern is expected"))
          .optional()
          .meta({
            description: "Versions or tags that are not, by pattern; `*` stands for any characters.",
            examples: ["v0.*"],
          }),
      })
      .meta({ id: "Watch", description: "Which earlier versions are looked at." })
      .optional()
      .describe("Which earlier versions every preview looks at. Default: all."),
    retired: versionRule
      .extend({ notices: z.array(notice).describe("What users were told.") })
      .meta({ id: "RetiredVersions", description: "Versions that are given up by a retention." })
      .optional()
      .describe(
        "Which versions are given up, as the retention of the images has it: they are looked at no more. Default: none.",
      ),
    signer: signer.optional().describe("Signer of the published list. Default: none; it is not signed."),
    signedBy: z.string().optional().describe("Computed: the signer."),
  }),
  computed: ["signedBy"],
  outputs: z.strictObject({
    versions: z
      .record(z.string(), z.string())
      .describe(
        "What was published, by version, as a text: when it was first noted, and in further lines its version " +
          "tags, the proofs of what they point to, and the files of its releases, each with its digest.",
      ),
    aliases: z
      .record(z.string(), lastAlias)
      .describe("Aliases of earlier versions, by `repository:tag`: whose each of them was last."),
    list: publishedList.optional().describe("`releases.json`, which is published beside the releases."),
    drift: z
      .record(z.string(), z.string())
      .describe("What is not as it was published: the digest that it has instead, or `gone`."),
  }),
  retained: true,
  replaceOn: [],
  statedOnce: ["images", "proofs"],
});
