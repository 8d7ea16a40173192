import * as z from "zod";
import { defineResource } from "./definition";
import { annotations, descriptor, digest, pushedRepository, standardAnnotations } from "./shapes";

/** `slipway:oci:Index`: a multi-platform index, pushed by digest. */
export const indexDefinition = defineResource({
  token: "slipway:oci:Index",
  description:
    "A list of manifests, usually one a platform, pushed by digest after all of its manifests " +
    "(image-spec/image-index.md).",
  inputs: z.strictObject({
    repository: pushedRepository,
    manifests: z
      .array(descriptor)
      .min(1, "at least one manifest is expected")
      .describe("Descriptors of the manifests, in this order."),
    annotations: annotations.optional(),
    standardAnnotations: standardAnnotations
      .optional()
      .describe(
        "Standard annotations; those of `annotations` go before. An index that was published without any does not " +
          "become another one for them alone.",
      ),
    digest: digest.optional().describe("Computed: digest of the index that the inputs make."),
  }),
  computed: ["digest"],
  outputs: z.strictObject({
    digest,
    mediaType: z.string().describe("Media type of the content."),
    size: z.number().describe("Size of the index, in bytes."),
    reference: z.string().describe("`repository@digest`."),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["standardAnnotations"],
});
