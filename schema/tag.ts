import * as z from "zod";
import { defineResource } from "./definition";
import { digest, repository, tag } from "./shapes";

/** `slipway:oci:Tag`: a tag that points to a digest. */
export const tagDefinition = defineResource({
  token: "slipway:oci:Tag",
  description:
    "A tag of a repository that points to a manifest or index by digest. A version tag never moves; an alias moves only " +
    "as its rule says. Removing the resource leaves the tag in the registry.",
  inputs: z.strictObject({
    repository,
    tag,
    digest,
    moves: z.enum(["never", "always", "highest"]).meta({
      description:
        "`never`: a version tag, refused where it exists with another digest. `always`: follows the program. " +
        "`highest`: an alias of the highest stable version in `within`; it stays where a higher one is published.",
      examples: ["never"],
    }),
    version: z
      .string()
      .optional()
      .meta({ description: "Semantic version that `digest` is, for `highest`.", examples: ["v1.2.3"] }),
    within: z
      .string()
      .regex(/^(\d+(\.\d+)?)?$/, "nothing, a major version or major.minor is expected")
      .optional()
      .meta({
        description: "Versions the alias is for: all (default), those of a major version, or of a minor one.",
        examples: ["1.2"],
      }),
    heldBy: z.string().optional().describe("Computed: the higher published version that keeps the alias."),
  }),
  outputs: z.strictObject({
    digest,
    reference: z.string().describe("`repository:tag`."),
    mediaType: z.string().describe("Media type of what the digest is."),
  }),
  replaceOn: ["repository", "tag"],
});
