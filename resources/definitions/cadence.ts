import * as z from "zod";
import { checkDuration } from "../../lib/text/declared-duration";
import { declaredTag } from "./declared-tag";
import { checked, defineResource } from "./definition";
import { lockUse } from "./image-lock";
import { day, repository } from "./shapes";

const age = checked(checkDuration);

/** How old things may become, as a program declares it. */
export const cadenceFields = {
  rebuild: age.optional().meta({
    description:
      "How old a published image may become before it is built again. Default: it may be of any age.",
    examples: ["31d"],
  }),
  refresh: age.optional().meta({
    description: "How old the digests of a lock may become before they are taken anew. Default: of any age.",
    examples: ["92d"],
  }),
} as const;

/** `slipway:release:Cadence`: what is published, and what it was built from, is not too old. */
export const cadenceDefinition = defineResource({
  token: "slipway:release:Cadence",
  description:
    "How often images are built again, and the digests of their bases taken anew. Every preview and update asks each " +
    "repository for its newest stable version, and warns of what is overdue. When a version was built is told, in this order, by the " +
    "date in the tag of its rebuild, by what the stack has noted of it, and by `org.opencontainers.image.created`; when digests were taken " +
    "by the lock. It makes nothing.",
  inputs: z.strictObject({
    images: z
      .array(repository)
      .min(1)
      .meta({ description: "Repositories of the images.", examples: [["ghcr.io/acme/hello"]] }),
    tags: z
      .array(declaredTag)
      .optional()
      .describe("Tags that this run publishes: by them newer versions are told. Default: none."),
    ...cadenceFields,
    lock: lockUse.optional().describe("Lock of the digests, for `refresh`."),
    built: z
      .record(z.string(), day)
      .optional()
      .describe("Computed: when the newest version of each image was built, by `repository:tag`."),
    refreshed: day.optional().describe("Computed: when the digests of the lock were taken."),
    overdue: z.array(z.string()).optional().describe("Computed: what is overdue, and since when."),
  }),
  computed: ["built", "refreshed", "overdue"],
  outputs: z.strictObject({
    overdue: z.array(z.string()).describe("What is overdue, and since when, in a sentence each."),
  }),
  replaceOn: [],
});
