import * as z from "zod";
import { defineResource } from "./definition";
import { evidence } from "./evidence";
import { inheritedVariables } from "./inherited-variables";
import { digest, target } from "./shapes";
import { renamedFields } from "./renamed-fields";

const builtFile = z
  .strictObject({
    path: z.string().describe("Path of the file, relative to the project's folder."),
    digest,
    size: z.number().describe("Size in bytes."),
  })
  .meta({ id: "BuiltFile", description: "A file that a command made." });

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      new RegExp(text);
    } catch (error) {
      context.addIssue({
        code: "custom",
        message:
          `${JSON.stringify(text)} is not a regular expression: ${(error as Error).message} (a ` +
          'valid example: "^hello v1\\.2\\.3")',
      });
    }
  });

/** A command that shows that a built file works. */
export const functionTest = z
  .strictObject({
    file: z.string().optional().describe("Name of the output that `{file}` stands for. Default: the first."),
    command: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        description: "Program and arguments; `{file}` stands for the built file.",
        examples: [["{file}", "--version"]],
      }),
    prints: pattern.optional().meta({
      description: "Regular expression that a printed line must match.",
      examples: ["^hello v1\\.2\\.3"],
    }),
    withinSeconds: z
      .number()
      .positive()
      .optional()
      .meta({
        description:
          "Maximum duration of the command in seconds. A slow run is repeated, at most ten " +
          "times, and the fastest counts: other work on the machine makes a run slower, never " +
          "faster. The measured time is in `evidence`.",
        examples: [0.1],
      }),
  })
  .meta({ id: "FunctionTest", description: "A command that must succeed with a built file." });

/** Expectations of the files of a command. */
export const expectation = z
  .strictObject({
    platform: target
      .optional()
      .describe(
        "Every output is an executable for this target: ELF, Mach-O, PE, WebAssembly, XCOFF or Plan 9.",
      ),
    maximumBytes: z
      .number()
      .int()
      .positive()
      .optional()
      .meta({
        description: "Maximum size of every output in bytes. The measured size is in `evidence`.",
        examples: [10_000_000],
      }),
    tests: z
      .array(functionTest)
      .optional()
      .describe(
        "Run where the machine is of `platform`; elsewhere the result is `not executed`, never `passed`.",
      ),
  })
  .meta({ id: "Expectation", description: "Expectations of the files of a command." });

renamedFields(expectation, { maximumSize: "maximumBytes" });

/** `slipway:build:Command`: files that a declared command makes from declared inputs. */
export const commandDefinition = defineResource({
  token: "slipway:build:Command",
  description:
    "Files that a command makes. It runs when the hash of its declared inputs is new, at " +
    "preview too (into a cache; nothing is published), so that what depends on its output is " +
    "known before anything is pushed.",
  inputs: z.strictObject({
    directory: z
      .string()
      .optional()
      .describe("Folder to run in, relative to the project's. Default: the project's folder."),
    command: z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]).meta({
      description:
        "Program and arguments, or a text for `sh -eu`. `{output}` stands for the folder " +
        "that takes the output files; it is also in the variable SLIPWAY_OUTPUT.",
      examples: [["go", "build", "-o", "{output}/hello", "."]],
    }),
    env: z
      .record(z.string(), z.string())
      .optional()
      .describe("Variables to set. Those of the machine are passed on too, except those named like secrets."),
    inherit: inheritedVariables.optional(),
    sources: z
      .array(z.string().min(1))
      .min(1, "at least one pattern is expected")
      .meta({
        description: "Patterns of the files the output depends on, relative to `directory`.",
        examples: [["**/*.go", "go.mod", "go.sum"]],
      }),
    outputs: z
      .array(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a file name without folders is expected"))
      .min(1, "at least one file name is expected")
      .meta({
        description: "Names of the files that the command leaves in `{output}`.",
        examples: [["hello"]],
      }),
    timeoutSeconds: z
      .number()
      .positive()
      .optional()
      .describe("Seconds after which the command is stopped. Default: 3600."),
    atPreview: z.boolean().optional().describe("Whether the command may run at preview. Default: true."),
    expect: expectation.optional().describe("Checks of the outputs."),
    inputsDigest: z.string().optional().describe("Computed: digest of command, variables and source files."),
    digestSalt: z
      .string()
      .optional()
      .describe("Computed: a secret salt for the hashes that stand for secrets in `inputsDigest`."),
  }),
  computed: ["inputsDigest", "digestSalt"],
  outputs: z.strictObject({
    files: z.record(z.string(), builtFile).describe("The files made, by name."),
    evidence: evidence.describe("Result of each check of `expect`."),
  }),
  replaceOn: [],
});

renamedFields(commandDefinition.inputs, { environment: "env" });
