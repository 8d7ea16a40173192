import * as z from "zod";
import { parseReference } from "../../lib/oci/reference";
import { checked, defineResource } from "./definition";
import { evidence } from "./evidence";
import { digest } from "./shapes";
import { exactlyOne } from "./exactly-one";
import { inheritedVariables } from "./inherited-variables";

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
    environment: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        "Variables set beside those of the machine, which are passed on without those named as secrets.",
      ),
    inherit: inheritedVariables.optional(),
    sources: z
      .array(z.string().min(1))
      .min(1, "at least one pattern is expected")
      .optional()
      .meta({
        description:
          "Patterns of the files that the command reads, relative to `directory`: a change of one runs the check again, and " +
          "the preview shows it. They are looked at before the update makes anything; what it makes itself belongs in " +
          "`triggers`. Default: none.",
        examples: [["**/*.go", "go.mod"]],
      }),
    expect: checked((value) => new RegExp(value))
      .optional()
      .meta({
        description: "Regular expression that the output has to match.",
        examples: ["^hello 1\\.2\\.3$"],
      }),
    withinSeconds: z
      .number()
      .positive()
      .optional()
      .meta({
        description:
          "Most seconds that it may take: a run that takes longer is a miss, and further `attempts` try again. The figure is in " +
          "`detail`. Default: any time within `timeoutSeconds`.",
        examples: [2],
      }),
  })
  .meta({ id: "CommandCheck", description: "A command that has to end with exit code 0." });

const http = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).meta({ examples: ["https://example.com/healthz"] }),
    status: z.number().int().min(100).max(599).optional().describe("Expected status. Default: 200."),
    contains: z.string().min(1).optional().describe("Text that the answer has to contain."),
  })
  .meta({ id: "HttpCheck", description: "A URL that has to answer." });

const checksum = z
  .strictObject({
    file: z.string().min(1).optional().describe("File, relative to the project's folder."),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Address of what is downloaded, where it is not a file."),
    digest,
  })
  .superRefine((value, context) => {
    if ((value.file === undefined) !== (value.url === undefined)) return;
    context.addIssue({
      code: "custom",
      message: `exactly one of file and url is expected (a valid example: { file: "dist/hello.tar.gz", digest: "sha256:…" })`,
    });
  })
  .meta({ id: "ChecksumCheck", description: "A file or download that has to have a digest." });

/** `slipway:gate:Check`: something that has to hold before promotion, or after publication. */
export const checkDefinition = defineResource({
  token: "slipway:gate:Check",
  description:
    "Something that has to hold: a command, an HTTP answer, an anonymous pull, or a checksum. Its result, time and output are " +
    "recorded. It runs again when its declaration, its subject, its triggers or the files that its command reads change. A miss fails the resource, so that " +
    "what depends on it, the tags for example, stays as it is.",
  inputs: z
    .strictObject({
      subject: z
        .union([digest, z.array(digest).min(1)])
        .optional()
        .describe("Digest that the check is about, or several; a new one runs it again."),
      command: command.optional().describe("A command that has to end with exit code 0."),
      http: http.optional().describe("A URL that has to answer."),
      anonymousPull: checked(parseReference)
        .optional()
        .meta({
          description: "Image that anybody has to be able to pull without signing in.",
          examples: ["ghcr.io/acme/hello:v1.2.3"],
        }),
      checksum: checksum.optional().describe("A file or download that has to have a digest."),
      triggers: z.array(z.string()).optional().describe("Values whose change runs the check again."),
      attempts: z
        .number()
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("Tries before a miss counts, e.g. for what takes a while to be served. Default: 1."),
      delaySeconds: z.number().nonnegative().optional().describe("Seconds between two tries. Default: 5."),
      timeoutSeconds: z
        .number()
        .positive()
        .optional()
        .describe("Seconds that one try may take. Default: 300."),
      advisory: z
        .boolean()
        .optional()
        .describe("A miss is said and recorded, and stops nothing. Default: false."),
      sourcesDigest: digest
        .optional()
        .describe("Computed: digest of paths, modes and contents of the command's sources."),
    })
    .superRefine(
      exactlyOne(
        ["command", "http", "anonymousPull", "checksum"],
        "says not what is checked",
        'command: { command: ["true"] }',
      ),
    ),
  computed: ["sourcesDigest"],
  outputs: z.strictObject({
    result: z.enum(["passed", "failed"]).describe("`failed` only where the check is advisory."),
    detail: z.string().describe("What was seen, in one line."),
    output: z.string().describe("Last lines of what the other side printed or answered."),
    checkedAt: z.string().describe("When the check ran, RFC 3339."),
    durationSeconds: z.number().describe("How long it took, in seconds."),
    evidence: evidence.describe("The result as evidence about each `subject`; none without one."),
  }),
  replaceOn: [],
});
