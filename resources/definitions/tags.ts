import * as z from "zod";
import { declaredTag } from "./declared-tag";
import { defineResource } from "./definition";
import { evidence, evidenceDigest, takenEvidence } from "./evidence";
import { digest, pushedRepository } from "./shapes";

/** `slipway:oci:Tags`: the tags of one image that are published together. */
export const tagsDefinition = defineResource({
  token: "slipway:oci:Tags",
  description:
    "Tags of one repository that point to one manifest or index by digest and are published " +
    "together: all are checked before the first is set, and version tags are set before " +
    "aliases. A version tag never moves; an alias moves only as its rule says. A tag that " +
    "leaves the list stays in the registry, and so do all when the resource is removed.",
  inputs: z.strictObject({
    repository: pushedRepository,
    digest,
    tags: z.array(declaredTag).min(1, "at least one tag is expected").describe("The tags."),
    evidence: evidence.optional().describe(takenEvidence("the digest")),
    evidenceDigest,
    pointers: z.record(z.string(), digest).optional().describe("Computed: digest that each tag must have."),
    heldBy: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: the higher published version that keeps an alias, by alias."),
  }),
  computed: ["pointers", "heldBy"],
  outputs: z.strictObject({
    pointers: z.record(z.string(), z.string()).describe("Digest that each tag has."),
    references: z.array(z.string()).describe("`repository:tag` of each tag."),
  }),
  retained: true,
  replaceOn: ["repository"],
});
