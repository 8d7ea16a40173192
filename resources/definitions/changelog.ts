import * as z from "zod";
import { checkVersion } from "../../lib/release/version-matrix";
import { projectPath } from "./artifact";
import { checked, defineResource, prose } from "./definition";

const entries = z.array(
  prose(
    z
      .string()
      .regex(
        /^(?![-*#\s])[^]*\S$/,
        "a text without a leading dash or heading and without surrounding space is expected",
      ),
  ).meta({ examples: ["Axon v1.5.1 (was v1.5.0)"] }),
);

const changes = z
  .strictObject({
    added: entries.optional(),
    changed: entries.optional(),
    deprecated: entries.optional(),
    removed: entries.optional(),
    fixed: entries.optional(),
    security: entries.optional(),
  })
  .meta({ id: "Changes", description: "Entries of a change log by kind, as Markdown." });

/** `slipway:release:Changelog`: the section of a version in a change log. */
export const changelogDefinition = defineResource({
  token: "slipway:release:Changelog",
  description:
    "The section of a version in a change log in the format of Keep a Changelog. If there is " +
    'none, the "Unreleased" section becomes it, with its date; every declared change is an ' +
    "entry in it. The rest of the file, including the sections of earlier versions, stays as " +
    "it was written. A declared entry that was removed by hand is put back.",
  inputs: z.strictObject({
    version: checked(checkVersion).meta({
      description: "Semantic version, with or without `v`.",
      examples: ["v1.2.3"],
    }),
    changes: changes.optional().describe("Changes that the section must list."),
    date: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, "a date is expected")
      .optional()
      .meta({
        description: "Date of a new section. Default: the day on which it is first written, in UTC.",
        examples: ["2026-01-31"],
      }),
    path: projectPath.optional().meta({
      description: "The change log, relative to the project's folder. Default: `CHANGELOG.md`.",
      examples: ["docs/CHANGELOG.md"],
    }),
    section: z.string().optional().describe("Computed: text of the section."),
  }),
  computed: ["section"],
  outputs: z.strictObject({
    section: z.string().describe("Text of the section, Markdown, with its heading."),
    notes: z.string().describe("The same without the heading, for the notes of a release."),
  }),
  retained: true,
  replaceOn: ["path"],
});
