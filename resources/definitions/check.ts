import * as z from "zod";
import { parseReference } from "../../lib/oci/reference";
import { checked, defineResource } from "./definition";
import { evidence } from "./evidence";
import { digest } from "./shapes";
import { exactlyOne } from "./exactly-one";
import { inheritedVariables } from "./inherited-variables";
import { renamedFields } from "./renamed-fields";

const command = z
  .strictObject({
    command: z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]).meta({
      description: "Program and arguments, or a text for `sh -eu`.",
      examples: [["dist/hello", "--version"]],
    }),
    directory: z
      .string()
      .optional()
      .describe("Folder to run in, relative to the project's. Default: the project's folder."),
    env: z
      .record(z.string(), z.string())
      .optional()
      .describe("Variables to set. Those of the machine are passed on too, except those named like secrets."),
    inherit: inheritedVariables.optional(),
    sources: z
      .array(z.string().min(1))
      .min(1, "at least one pattern is expected")
      .optional()
      .meta({
        description:
          "Patterns of the files that the command reads, relative to `directory`: a change " +
          "of one runs the check again, and the preview shows it. They are read before the " +
          "update makes anything; what it makes itself belongs in `triggers`. Default: none.",
        examples: [["**/*.go", "go.mod"]],
      }),
    expect: checked((value) => new RegExp(value))
      .optional()
      .meta({
        description: "Regular expression that the output must match.",
        examples: ["^hello 1\\.2\\.3$"],
      }),
    withinSeconds: z
      .number()
      .positive()
      .optional()
      .meta({
        description:
          "Maximum duration in seconds: a longer run fails, and further `attempts` try " +
          "again. The measured time is in `detail`. Default: any time within " +
          "`timeoutSeconds`.",
        examples: [2],
      }),
  })
  .meta({ id: "CommandCheck", description: "A command that must exit with code 0." });

renamedFields(command, { environment: "env" });

const http = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).meta({ examples: ["https://example.com/healthz"] }),
    status: z.number().int().min(100).max(599).optional().describe("Expected status. Default: 200."),
    contains: z.string().min(1).optional().describe("Text that the answer must contain."),
  })
  .meta({ id: "HttpCheck", description: "A URL that must answer." });

const checksum = z
  .strictObject({
    file: z.string().min(1).optional().describe("File, relative to the project's folder."),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("URL to download, instead of a file."),
    digest,
  })
  .superRefine((value, context) => {
    if ((value.file === undefined) !== (value.url === undefined)) return;
    context.addIssue({
      code: "custom",
      message:
        'exactly one of file and url is expected (a valid example: { file: "dist/hello.tar.gz", ' +
        'digest: "sha256:…" })',
    });
  })
  .meta({ id: "ChecksumCheck", description: "A file or download that must have a digest." });

/** `slipway:gate:Check`: something that has to hold before promotion, or after publication. */
export const checkDefinition = defineResource({
  token: "slipway:gate:Check",
  description:
    "A condition that must hold: a command, an HTTP answer, an anonymous pull, or a checksum. " +
    "Its result, time and output are recorded. It runs again when its declaration, its " +
    "subject, its triggers or the files that its command reads change. A failure fails the " +
    "resource, so that what depends on it, such as tags, is left unchanged.",
  inputs: z
    .strictObject({
      subject: z
        .union([digest, z.array(digest).min(1)])
        .optional()
        .describe("Digest that the check is about, or several; a new one runs the check again."),
      command: command.optional().describe("A command that must exit with code 0."),
      http: http.optional().describe("A URL that must answer."),
      anonymousPull: checked(parseReference)
        .optional()
        .meta({
          description: "Image that anyone must be able to pull without signing in.",
          examples: ["ghcr.io/acme/hello:v1.2.3"],
        }),
      checksum: checksum.optional().describe("A file or download that must have a digest."),
      triggers: z.array(z.string()).optional().describe("Values that run the check again when they change."),
      attempts: z
        .number()
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe(
          "Attempts before the check fails, e.g. for content that takes a while to be served. Default: 1.",
        ),
      delaySeconds: z.number().nonnegative().optional().describe("Seconds between attempts. Default: 5."),
      timeoutSeconds: z
        .number()
        .positive()
        .optional()
        .describe("Timeout of one attempt in seconds. Default: 300."),
      advisory: z
        .boolean()
        .optional()
        .describe("Whether a failure is only reported and recorded, and stops nothing. Default: false."),
      sourcesDigest: digest
        .optional()
        .describe("Computed: digest of paths, modes and contents of the command's sources."),
    })
    .superRefine(
      exactlyOne(
        ["command", "http", "anonymousPull", "checksum"],
        "declares no check",
        'command: { command: ["true"] }',
      ),
    ),
  computed: ["sourcesDigest"],
  outputs: z.strictObject({
    result: z.enum(["passed", "failed"]).describe("`failed` only where the check is advisory."),
    detail: z.string().describe("What was observed, in one line."),
    output: z.string().describe("Last lines of the output or the answer."),
    checkedAt: z.string().describe("When the check ran, RFC 3339."),
    durationSeconds: z.number().describe("How long it took, in seconds."),
    evidence: evidence.describe("The result as evidence about each `subject`; none without one."),
  }),
  replaceOn: [],
});
