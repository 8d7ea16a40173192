import * as z from "zod";
import { checkDay } from "../../lib/text/day";
import { checkAge } from "../../lib/text/declared-duration";
import { checked, defineResource, prose } from "./definition";
import { repository } from "./shapes";

/** Shapes of what may be removed, which declarations share. */

const age = checked(checkAge).meta({
  description: "Age in days, weeks, months or years.",
  examples: ["30d"],
});

const day = checked(checkDay).meta({ description: "Day in UTC, ISO 8601.", examples: ["2026-01-31"] });

const countRule = z
  .strictObject({
    keep: z
      .number()
      .int()
      .positive()
      .optional()
      .meta({ description: "How many of the newest stay.", examples: [10] }),
    after: age.optional().describe("Age from which on they go. Default: any, if `keep` is given."),
  })
  .refine(({ keep, after }) => keep !== undefined || after !== undefined, {
    message: "`keep`, `after` or both are expected (a valid example: { keep: 10 })",
  })
  .meta({
    id: "CountRule",
    description:
      "How much stays: what is among the newest, or younger than the age; with both only what is neither goes.",
  });

/** Which versions go. */
export const versionRule = z
  .strictObject({
    majors: z
      .number()
      .int()
      .positive()
      .meta({ description: "How many of the newest major versions stay whole.", examples: [3] }),
    after: age.meta({ description: "Age from which on versions go.", examples: ["2y"] }),
  })
  .meta({
    id: "VersionRule",
    description:
      "Versions that are older than the age, outside of the newest majors, and whose removal was announced for a " +
      "day that has come.",
  });

/** What may go from a repository. */
export const retentionRule = z
  .strictObject({
    versions: versionRule
      .optional()
      .describe("Which versions go, with their aliases, rebuilds and commit tags. Default: none."),
    prereleases: countRule.optional().describe("Pre-releases. Default: as the versions that they are of."),
    rebuilds: countRule
      .optional()
      .describe("Dated rebuilds, counted for each version. Default: as their versions."),
    branches: countRule.optional().describe("Tags of branches, by when they moved last. Default: all stay."),
    commits: countRule.optional().describe("Tags of commits. Default: all stay."),
    dates: countRule
      .optional()
      .describe("Dated tags of a channel, such as `nightly-20260131`. Default: all stay."),
    pullRequests: countRule.optional().describe("Tags of pull requests, `pr-12`. Default: all stay."),
    untagged: z
      .strictObject({ after: age })
      .meta({ id: "UntaggedRule", description: "Age, counted from when they were first seen." })
      .optional()
      .describe(
        "Manifests that nothing leads to, as far as they can be known, and what refers to a manifest that is gone. " +
          "Default: all stay.",
      ),
  })
  .meta({ id: "RetentionRule", description: "What may go. What no part of it is about stays." });

/** What users were told about versions. */
export const notice = z
  .strictObject({
    versions: z
      .string()
      .regex(/^v?\d+(\.\d+){0,2}([-.][0-9A-Za-z.-]+)?$/, "a version or a line of versions is expected")
      .meta({ description: "A version, or a line of versions.", examples: ["1"] }),
    since: day.describe("Day on which it was announced."),
    removal: day.optional().describe("Day from which on they may be removed. Default: they stay."),
    reason: prose(z.string().min(1))
      .optional()
      .meta({
        description: "Why, in words.",
        examples: ["Version 1 gets no more fixes."],
      }),
    instead: prose(z.string().min(1))
      .optional()
      .meta({
        description: "What to use instead.",
        examples: ["v3"],
      }),
  })
  .superRefine(({ since, removal }, context) => {
    if (removal === undefined || removal > since) return;
    context.addIssue({
      code: "custom",
      path: ["removal"],
      message: `${JSON.stringify(removal)} is not after ${since}, when it is announced`,
    });
  })
  .meta({ id: "Notice", description: "Versions that users were told to leave." });

const tagNames = z
  .strictObject({
    kind: z.enum(["version", "branch", "channel", "pullRequest"]).describe("What the tags are of."),
    prefix: z.string().optional().describe("What stands before the version or branch. Default: nothing."),
    name: z.string().optional().describe("Name of the channel."),
    also: z.array(z.string()).optional().describe("Further prefixes of versions."),
    calendar: z.boolean().optional().describe("Whether versions are calendar versions. Default: false."),
    revisions: z
      .boolean()
      .optional()
      .describe("Whether a number after a version is its revision. Default: false, it is a pre-release."),
    commit: z
      .array(z.enum(["version", "short", "full"]))
      .optional()
      .describe("Forms of commit tags. Default: none."),
  })
  .meta({ id: "TagNames", description: "The names that a rule for tags gives." });

/** `slipway:oci:Retention`: what goes from a repository, by a declared rule. */
export const retentionDefinition = defineResource({
  token: "slipway:oci:Retention",
  description:
    "What goes from a repository by a declared rule, and nothing else: what tags, indexes, referrers and declared " +
    "components need stays, and so does all where the registry does not answer whole. Every preview names what would go " +
    "and why; an update deletes tags first, then what they point to, then what belongs to that. A registry that deletes " +
    "nothing is told, and is no error.",
  inputs: z.strictObject({
    repository,
    rule: retentionRule,
    names: z.array(tagNames).describe("Names that the rules for tags give; other tags stay."),
    notices: z
      .array(notice)
      .optional()
      .describe("What users were told. Default: nothing, and no version goes."),
    versions: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description:
          "Published versions: the day, and after it the digests of their tags in the repository. Default: none; tags are " +
          "as old as they are known.",
        examples: [{ "v1.2.3": "2026-01-31" }],
      }),
    needs: z
      .array(z.string().min(1))
      .optional()
      .meta({
        description: "Tags and digests that stay whatever the rule says. Default: none.",
        examples: [["v1.2.3"]],
      }),
    on: day
      .optional()
      .describe("The day that is asked about. Default: today; nothing is removed before it has come."),
    due: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: what goes, and why, by tag or digest."),
    waiting: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: versions outside of the newest majors that stay, and why."),
    seen: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: since when tags and digests are known whose age nothing else tells."),
  }),
  computed: ["due", "waiting", "seen"],
  outputs: z.strictObject({
    removed: z.record(z.string(), z.string()).describe("What was removed last, and why, by tag or digest."),
    refused: z.string().optional().describe("Why the registry deletes nothing, where it was asked to."),
  }),
  retained: true,
  replaceOn: ["repository"],
  statedOnce: ["versions", "seen", "waiting"],
});
