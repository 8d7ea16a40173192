import * as z from "zod";
import { parseReference } from "../../lib/oci/reference";
import { checked, defineResource } from "./definition";
import { lockUse, pendingDigests } from "./image-lock";
import { digest } from "./shapes";

/** `slipway:oci:ExternalImages`: images of others that belong to what is shipped. */
export const externalImagesDefinition = defineResource({
  token: "slipway:oci:ExternalImages",
  description:
    "Images of other projects that the distribution needs, each resolved to its digest and " +
    "recorded. A missing one stops the run before anything is pushed. A preview shows one that " +
    "was republished under its tag.",
  inputs: z.strictObject({
    images: z
      .record(z.string().min(1), checked(parseReference))
      .refine((images) => Object.keys(images).length > 0, "at least one image is expected")
      .meta({ description: "References by name.", examples: [{ redis: "redis:7-alpine" }] }),
    lock: lockUse.optional().describe("Lock that the digests are taken from."),
    digests: z.record(z.string(), digest).optional().describe("Computed: digest of each image, by name."),
    pending: pendingDigests,
  }),
  computed: ["digests", "pending"],
  outputs: z.strictObject({
    digests: z.record(z.string(), digest).describe("Digest of each image, by name."),
    references: z.record(z.string(), z.string()).describe("`host/path:tag@digest` of each image, by name."),
  }),
  replaceOn: [],
});
