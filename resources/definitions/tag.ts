import * as z from "zod";
import { calendar, component, except, moves, revisions, taggedVersion, within } from "./declared-tag";
import { defineResource } from "./definition";
import { evidence, evidenceDigest, takenEvidence } from "./evidence";
import { digest, pushedRepository, tag } from "./shapes";

/** `slipway:oci:Tag`: a tag that points to a digest. */
export const tagDefinition = defineResource({
  token: "slipway:oci:Tag",
  description:
    "A tag of a repository that points to a manifest or index by digest. A version tag never " +
    "moves; an alias moves only as its rule says. Removing the resource leaves the tag in the " +
    "registry. For several tags of one image, use `slipway:oci:Tags`.",
  inputs: z.strictObject({
    repository: pushedRepository,
    tag,
    digest,
    moves,
    version: taggedVersion,
    within,
    revisions,
    component,
    calendar,
    except,
    evidence: evidence.optional().describe(takenEvidence("the digest")),
    evidenceDigest,
    heldBy: z.string().optional().describe("Computed: the higher published version that keeps the alias."),
  }),
  computed: ["heldBy"],
  outputs: z.strictObject({
    digest,
    reference: z.string().describe("`repository:tag`."),
    mediaType: z.string().describe("Media type of the content."),
  }),
  retained: true,
  replaceOn: ["repository", "tag"],
});
