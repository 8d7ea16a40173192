import * as z from "zod";
import { checkPattern, checkPointer, checkProbeUrl } from "../../lib/channels/observed/probe";
import { spellings } from "../../lib/channels/observed/spelling";
import { expectations } from "../../lib/channels/observed/verdict";
import { checkDuration } from "../../lib/text/declared-duration";
import { channelOutcome } from "./channel-outcome";
import { checked, defineResource } from "./definition";

/** A probe, as programs and resources have it. */
export const probe = z
  .strictObject({
    url: checked(checkProbeUrl).meta({
      description: "Address that is asked.",
      examples: ["https://formulae.brew.sh/api/formula/hello.json"],
    }),
    version: checked(checkPointer)
      .optional()
      .meta({
        description: "JSON pointer to the version; below each entry of the list, where there is one.",
        examples: ["/versions/stable"],
      }),
    list: checked(checkPointer)
      .optional()
      .meta({
        description:
          "JSON pointer to a list of entries; empty for the whole answer. The highest version of it counts.",
        examples: ["/versions"],
      }),
    where: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe("What entries of the list have to have, by field: a text, or a list with it."),
    pattern: checked(checkPattern)
      .optional()
      .meta({
        description: "Regular expression whose first group is the version, for an answer that is no JSON.",
        examples: ['version = "([^"]+)"'],
      }),
    prefix: z.string().min(1).optional().describe("What stands before each version there, e.g. `v`."),
    spelled: z
      .enum(spellings)
      .optional()
      .describe("What packages add to versions there, such as revisions. Default: `plain`, nothing."),
  })
  .refine(
    ({ version, pattern }) => (version === undefined) !== (pattern === undefined),
    'one of version and pattern is expected (a valid example: version: "/versions/stable")',
  )
  .meta({ id: "CatalogProbe", description: "Where a catalog says which version it has." });

/** For how long a catalog may be behind. */
export const lag = checked(checkDuration);

/** `slipway:channel:Observed`: a catalog that others fill, looked at and never written to. */
export const observedCatalogDefinition = defineResource({
  token: "slipway:channel:Observed",
  description:
    "A catalog that others fill, such as homebrew-core: which version it has is looked at, by an update that brings a new " +
    "version and by each refresh. It is never written to, and no state of it fails a run. What cannot be read is `unknown`.",
  inputs: z.strictObject({
    catalog: z
      .string()
      .min(1)
      .meta({ description: "Its name.", examples: ["homebrew-core"] }),
    probe,
    version: z
      .string()
      .min(1)
      .meta({ description: "Version that was released.", examples: ["v1.4.0"] }),
    expect: z
      .enum(expectations)
      .optional()
      .describe(
        "`live`: it follows each release; `pending`: it is not listed yet; `deprecated`: it stays as it is. Default: `live`.",
      ),
    grace: lag.optional().meta({
      description:
        "For how long after a release it may have an earlier version: then it is `behind`. Default: `7d`.",
      examples: ["7d"],
    }),
  }),
  outputs: z.strictObject({
    ...channelOutcome,
    found: z.string().optional().describe("Highest version that it has, as the project would write it."),
    since: z.string().describe("When the version was released, as ISO 8601."),
  }),
  replaceOn: ["catalog"],
});
