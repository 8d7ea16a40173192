import * as z from "zod";
import { parseAddress } from "../../lib/oci/address";
import { declaredTag } from "./declared-tag";
import { checked, defineResource } from "./definition";
import { evidence, evidenceDigest, takenEvidence } from "./evidence";
import { digest, platform } from "./shapes";

const address = checked(parseAddress).meta({
  description:
    "Repository as `host/path`, or an OCI image layout as `oci-layout:PATH` or `oci-archive:PATH.tar`.",
  examples: ["harbor.example.com/acme/hello"],
});

/** `slipway:oci:Mirror`: a digest and all that refers to it, equal in another repository. */
export const mirrorDefinition = defineResource({
  token: "slipway:oci:Mirror",
  description:
    "A digest with its platforms and everything that refers to it (signatures, SBOMs, " +
    "attestations), kept equal in another repository; bytes and digests are untouched. A " +
    "target that is down, read-only or full does not fail the resource, so that the others go " +
    "on: what it lacks is in `missing`, and a `slipway:oci:MirrorGate` fails the run in " +
    "the end.",
  inputs: z.strictObject({
    source: address.describe("Where the content is: a repository as `host/path`, a layout or an archive."),
    alternatives: z.array(address).optional().describe("Further places that may have it, the nearest first."),
    digest,
    target: address.describe("Where it goes: a repository as `host/path`, a layout or an archive."),
    tags: z.array(declaredTag).optional().describe("Tags of the target, set when all content is there."),
    platforms: z
      .array(platform)
      .min(1, "at least one platform is expected")
      .optional()
      .describe(
        "Only these platforms: the target gets an index of them, which has another digest, " +
          "`rootDigest`. Evidence of a tag has to be about that one. Default: all.",
      ),
    referrers: z
      .enum(["all", "subject", "none"])
      .optional()
      .describe(
        "Which referrers are mirrored: those by `subject` and those by tag (default), only " +
          "the former, or none.",
      ),
    verify: z
      .enum(["blobs", "manifests"])
      .optional()
      .describe("What an observation asks the target for: every blob (default), or manifests and tags only."),
    evidence: evidence.optional().describe(takenEvidence("the digest")),
    evidenceDigest,
    pointers: z.record(z.string(), digest).optional().describe("Computed: digest that each tag must have."),
    rootDigest: digest
      .optional()
      .describe("Computed: digest of the index that `platforms` make, which is what tags point to."),
  }),
  computed: ["pointers", "rootDigest"],
  outputs: z.strictObject({
    pointers: z.record(z.string(), z.string()).describe("Digest that each tag of the target has."),
    rootDigest: z.string().describe("Digest in the target; differs from `digest` if platforms are left out."),
    missing: z
      .array(z.string())
      .describe("What the target lacks, each with the reason. Empty if it is complete."),
    summary: z
      .any()
      .optional()
      .describe("What was mirrored, for comparisons that do not read the source again."),
  }),
  retained: true,
  replaceOn: ["target"],
});

/** `slipway:oci:MirrorGate`: fails where a mirror is not complete. */
export const mirrorGateDefinition = defineResource({
  token: "slipway:oci:MirrorGate",
  description:
    "Fails a run in which a mirror could not be completed, after everything else was done, so " +
    "that it does not look like a success. The next run completes what is missing.",
  inputs: z.strictObject({
    mirrors: z
      .array(
        z
          .strictObject({ target: z.string(), missing: z.array(z.string()) })
          .meta({ id: "MirrorOutcome", description: "A mirror and what it lacks." }),
      )
      .describe("The mirrors that must be complete."),
  }),
  outputs: z.strictObject({ complete: z.number().describe("Number of mirrors that are complete.") }),
  replaceOn: [],
});
