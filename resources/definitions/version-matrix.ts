import * as z from "zod";
import { checkRange, checkVersion } from "../../lib/release/version-matrix";
import { projectPath } from "./artifact";
import { checked, defineResource } from "./definition";

const version = checked(checkVersion).meta({
  description: "Semantic version, with or without `v`.",
  examples: ["v1.2.3"],
});

const componentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._+-]*$/, "a name of letters, digits, spaces and ._+- is expected")
  .meta({ examples: ["Axon"] });

const component = z
  .strictObject({
    name: componentName.describe("Name, as the table has it."),
    compatible: checked(checkRange)
      .optional()
      .meta({
        description: "Range of compatible versions. Default: any.",
        examples: [">=1.5.0 <2.0.0"],
      }),
  })
  .meta({ id: "MatrixComponent", description: "A component of a distribution." });

const combination = z
  .record(componentName, version)
  .refine((versions) => Object.keys(versions).length > 0, "at least one component is expected")
  .meta({ description: "Version of each component.", examples: [{ Axon: "v1.5.0", "MLOS Core": "v1.0.0" }] });

const row = z
  .strictObject({
    version: version.describe("Version of the distribution."),
    components: combination,
    status: z
      .enum(["Stable", "Testing", "Planned", "Future", "Deprecated"])
      .describe("Status. Only a version that passed its compatibility test can be `Stable`."),
  })
  .meta({ id: "MatrixRow", description: "A version of a distribution, and the components in it." });

const testResult = z
  .strictObject({
    components: combination,
    result: z
      .enum(["passed", "failed", "not executed"])
      .describe("Result of the compatibility test, e.g. of a `slipway:gate:Check`."),
    by: z.string().min(1).optional().describe("Who or what tested it, e.g. a link to a run."),
  })
  .meta({ id: "CompatibilityResult", description: "Result of the test of a combination of components." });

const change = z.enum(["patch", "minor", "major"]);

const rules = z
  .strictObject({
    compatible: change.optional().describe("For versions within the declared ranges. Default: `patch`."),
    breaking: change.optional().describe("For any other. Default: `minor`."),
  })
  .meta({ id: "BumpRules", description: "Which part of the version is raised for a change of a component." });

/**
 * `slipway:release:VersionMatrix`: which versions of components make up which version of a
 * distribution.
 */
export const versionMatrixDefinition = defineResource({
  token: "slipway:release:VersionMatrix",
  description:
    "The component versions that make up each version of a distribution, what was tested, and " +
    "which version comes next; written to `VERSIONS.md`. A combination that did not pass its " +
    "test is never Stable. The file follows from the declaration alone: edits by hand are " +
    "undone. Removing the resource leaves the file.",
  inputs: z.strictObject({
    name: z
      .string()
      .min(1)
      .meta({ description: "Name of the distribution, for the title.", examples: ["MLOS"] }),
    components: z
      .array(component)
      .min(1, "at least one component is expected")
      .describe("The components, in the order of the table's columns."),
    versions: z
      .array(row)
      .min(1, "at least one version is expected")
      .describe("The versions, released and planned, in any order."),
    tested: z.array(testResult).optional().describe("Results of compatibility tests."),
    candidate: combination
      .optional()
      .describe(
        "A combination to release next. It gets the version of the row that has it; otherwise " +
          "the highest stable version is raised as the rules say, and the row is added: Stable " +
          "where its test passed, else Planned.",
      ),
    rules: rules.optional().describe("Which part of the version is raised."),
    path: projectPath.optional().meta({
      description: "Where the file is written, relative to the project's folder. Default: `VERSIONS.md`.",
      examples: ["docs/VERSIONS.md"],
    }),
    record: projectPath.optional().meta({
      description:
        "JSON file to which versions and test results are written, for the program to read in " +
        "its next run: what was released is then part of the declaration. Default: none.",
      examples: ["versions.json"],
    }),
    text: z.string().optional().describe("Computed: text of the file."),
    recordText: z.string().optional().describe("Computed: text of the record."),
  }),
  computed: ["text", "recordText"],
  outputs: z.strictObject({
    text: z.string().describe("Text of the file, Markdown."),
    recordText: z.string().optional().describe("Text of the record, JSON."),
    stable: z.string().optional().describe("The current stable version."),
    upcoming: z.string().optional().describe("The lowest version above it that is not deprecated."),
    next: z.string().optional().describe("Version of the candidate."),
    nextStatus: z.string().optional().describe("Status of the candidate."),
    includes: z
      .string()
      .optional()
      .describe(
        "Components of the candidate, else of the current stable version, in words for release notes.",
      ),
  }),
  retained: true,
  replaceOn: ["path"],
});
